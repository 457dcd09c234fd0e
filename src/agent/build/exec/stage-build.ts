import type { ImageRunConfig } from '../../image/image-config.js';
import type { SourceTree } from '../copy/source-tree.js';
import { expandWord, expandWords } from '../dockerfile/expand.js';
import type { Instruction, Stage } from '../dockerfile/instruction.js';
import { parseSource } from '../dockerfile/parser.js';
import type { StepProgress } from '../output/progress.js';
import { earlierStage } from '../plan/stages.js';
import { applyConfig } from './apply-config.js';
import { BuildArgs } from './build-args.js';
import { copyStep } from './copy-step.js';
import { filesState } from './files-state.js';
import { parsePlatform } from './platform.js';
import type { BuildPlatform } from './request.js';
import { runStep } from './run-step.js';
import type { SharedBuild, StageContext, Step } from './stage-context.js';
import {
  type BuildState,
  layersOf,
  runConfigOf,
  scratchState,
  shellOf,
  stateOf,
  topLayerOf,
} from './state.js';
import { stepResult } from './step-result.js';
import { makeWorkingDirectory } from './working-directory.js';

/** Builds one stage, instruction by instruction. */
export class StageBuild implements StageContext {
  readonly shared: SharedBuild;
  readonly stage: Stage;
  readonly args: BuildArgs;
  readonly #offset: number;
  #state: BuildState;
  #cmdIsSet = false;
  #progress: StepProgress | undefined;
  #inTrigger = false;
  /** Steps that make files, so far. */
  #position = 0;

  constructor(shared: SharedBuild, stage: Stage, offset: number) {
    this.shared = shared;
    this.stage = stage;
    this.args = new BuildArgs(shared.request.buildArgs, shared.globals);
    this.#offset = offset;
    this.#state = scratchState(shared.request.platform);
  }

  get state(): BuildState {
    return this.#state;
  }

  async run(): Promise<BuildState> {
    await this.#from();
    for (const [index, instruction] of this.stage.instructions.entries()) {
      await this.#step(instruction, index + 1, (progress) => this.#dispatch(instruction, progress));
    }
    return { ...this.#state, args: this.args.declared };
  }

  get progress(): StepProgress {
    if (!this.#progress) throw new Error('no step has begun');
    return this.#progress;
  }

  files(): Promise<SourceTree> {
    return this.shared.files(this.#inTrigger ? 'all' : 'named');
  }

  /** Variables replaced, quotes taken away. */
  expand(word: string): string {
    return expandWord(word, this.variables(), this.shared.file.escapeToken);
  }

  variables(): ReadonlyMap<string, string> {
    return this.args.variables(runConfigOf(this.#state));
  }

  async #step(
    instruction: Instruction,
    index: number,
    make: (progress: StepProgress) => Promise<void>,
  ): Promise<void> {
    this.shared.signal.throwIfAborted();
    const { index: stage, name: stageName } = this.stage;
    const { name, source, line, endLine } = instruction;
    const makesFiles = name === 'FROM' ? this.#image() !== undefined : fileMakers.has(name);
    if (makesFiles) this.#position++;
    const progress = this.shared.request.progress.step({
      ...{ stage, stageName, name, source, line, endLine, number: this.#offset + index + 1 },
      ...{ total: this.shared.total, stages: this.shared.file.stages.length },
      image: name === 'FROM' ? this.#image() : undefined,
      position: makesFiles ? { index: this.#position, total: this.#fileSteps() } : undefined,
    });
    this.#progress = progress;
    try {
      await make(progress);
    } catch (error) {
      progress.failed(error);
      throw error;
    }
    progress.completed(this.#state.id);
  }

  async #from(): Promise<void> {
    const name = this.shared.baseOf(this.stage);
    await this.#step(this.stage.from, 0, async (progress) => {
      this.#state = withPath(await this.#base(name, progress));
      this.shared.hold(layersOf(this.#state));
    });
    const { progress } = this;
    try {
      if (this.#image() !== undefined) await this.#triggers(progress);
    } catch (error) {
      progress.failed(error);
      throw error;
    }
  }

  async #base(name: string, progress: StepProgress): Promise<BuildState> {
    const { context, request, signal, file } = this.shared;
    const named = request.namedContext?.(name);
    if (named?.kind === 'files') {
      return await filesState(this.shared, await named.source.tree(), this.#platform());
    }
    if (named?.kind === 'built') return stateOf(await named.config());
    const below = named ? undefined : earlierStage(file, this.stage, name, false);
    if (below) return await this.#stage(below);
    const image = this.#image();
    if (image === undefined) return scratchState(this.#platform() ?? request.platform);
    const pulling = progress.pulling.bind(progress);
    const { id, config } = await context.base(image, {
      ...{ pull: request.pull, platform: this.#platform(), pulling, signal },
    });
    return { id, config, key: id };
  }

  async #stage({ index }: Stage): Promise<BuildState> {
    const { args, ...state } = await this.shared.stage(index);
    if (args) this.args.inherit(args);
    return state;
  }

  /** That it begins with; undefined for a stage, files or nothing. */
  #image(): string | undefined {
    const name = this.shared.baseOf(this.stage);
    const named = this.shared.request.namedContext?.(name);
    if (named) return named.kind === 'image' ? named.name : undefined;
    if (name === 'scratch') return undefined;
    return earlierStage(this.shared.file, this.stage, name, false) ? undefined : name;
  }

  #fileSteps(): number {
    const steps = this.stage.instructions.filter(({ name }) => fileMakers.has(name)).length;
    return this.#image() === undefined ? steps : steps + 1;
  }

  #platform(): BuildPlatform | undefined {
    const [text] = this.stage.from.flags.get('platform') ?? [];
    if (text === undefined) return undefined;
    return parsePlatform(expandWord(text, this.shared.globals, this.shared.file.escapeToken));
  }

  /** ONBUILD of the base image. */
  async #triggers(progress: StepProgress): Promise<void> {
    const config = runConfigOf(this.#state);
    const triggers = config.OnBuild ?? [];
    if (triggers.length === 0) return;
    progress.note(`# Executing ${triggers.length} build trigger${triggers.length === 1 ? '' : 's'}\n`);
    const { OnBuild: _, ...rest } = config;
    this.#state = { ...this.#state, config: { ...this.#state.config, config: rest } };
    this.#inTrigger = true;
    for (const trigger of triggers) await this.#dispatch(parseSource(trigger, '\\'), progress);
    this.#inTrigger = false;
    progress.note(` ---> ${this.#state.id?.slice(7, 19) ?? ''}\n`);
  }

  async #dispatch(instruction: Instruction, progress: StepProgress): Promise<void> {
    const config = runConfigOf(this.#state);
    switch (instruction.name) {
      case 'RUN':
        return await this.commit(await runStep(this, instruction), instruction, progress);
      case 'COPY':
      case 'ADD':
        return await this.commit(await copyStep(this, instruction), instruction, progress);
      case 'ARG':
        return await this.#commitConfig(config, `ARG ${this.#declare(instruction)}`, instruction, progress);
      case 'MAINTAINER': {
        const [author = ''] = instruction.args;
        return await this.#commitConfig(config, `MAINTAINER ${author}`, instruction, progress, { author });
      }
      default:
        return await this.#change(instruction, progress);
    }
  }

  async #change(instruction: Instruction, progress: StepProgress): Promise<void> {
    const config = runConfigOf(this.#state);
    const change = applyConfig(config, instruction, this.#expanded(instruction), this.#cmdIsSet);
    if (instruction.name === 'CMD') this.#cmdIsSet = true;
    const directory = change.config.WorkingDir ?? '/';
    const makeLayer =
      instruction.name === 'WORKDIR'
        ? () =>
            makeWorkingDirectory(this.shared.context, topLayerOf(this.#state), directory, this.shared.signal)
        : undefined;
    await this.#commitConfig(change.config, change.comment, instruction, progress, { makeLayer });
  }

  #expanded({ name, args }: Instruction): readonly string[] {
    if (!expandedNames.has(name)) return args;
    if (name !== 'EXPOSE') return args.map((word) => this.expand(word));
    return args.flatMap((word) => expandWords(word, this.variables(), this.shared.file.escapeToken));
  }

  #declare({ args }: Instruction): string {
    const shown = args.map((word) => {
      const equals = word.indexOf('=');
      const name = equals < 0 ? word : word.slice(0, equals);
      const value = equals < 0 ? undefined : this.expand(word.slice(equals + 1));
      this.args.declare(this.expand(name), value);
      return value === undefined ? name : `${name}=${value}`;
    });
    return shown.join(' ');
  }

  #commitConfig(
    config: ImageRunConfig,
    comment: string,
    instruction: Instruction,
    progress: StepProgress,
    more: Pick<Step, 'author' | 'makeLayer'> = {},
  ): Promise<void> {
    const createdBy = [...shellOf(runConfigOf(this.#state)), `#(nop) ${comment}`].join(' ');
    return this.commit({ createdBy, depends: [], config, ...more }, instruction, progress);
  }

  /** Takes the step's result from the cache, or makes it and keeps it there. */
  async commit(step: Step, { source }: Instruction, progress: StepProgress): Promise<void> {
    const result = await stepResult(this.shared, this.#state, step, { source, anew: this.#isUncached() });
    if (result.cached) progress.cached();
    this.#state = result.state;
  }

  #isUncached(): boolean {
    const { noCache } = this.shared.request;
    if (typeof noCache === 'boolean') return noCache;
    return noCache.has(this.stage.name ?? String(this.stage.index));
  }
}

/** Instructions whose steps make files. */
const fileMakers: ReadonlySet<string> = new Set(['RUN', 'COPY', 'ADD', 'WORKDIR']);

const expandedNames: ReadonlySet<string> = new Set([
  ...['ENV', 'LABEL', 'WORKDIR', 'EXPOSE', 'VOLUME', 'USER', 'STOPSIGNAL'],
]);

/** Docker gives every image a PATH. */
function withPath(state: BuildState): BuildState {
  const config = runConfigOf(state);
  if (config.Env?.some((entry) => entry.startsWith('PATH='))) return state;
  const Env = [...(config.Env ?? []), 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];
  return { ...state, config: { ...state.config, config: { ...config, Env } } };
}
