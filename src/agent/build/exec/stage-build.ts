import type { Digest } from '../../../shared/digest.js';
import { committedConfig } from '../../image/committed-config.js';
import type { ImageConfig, ImageRunConfig } from '../../image/image-config.js';
import { probeImages } from '../cache/cache-from.js';
import { stepKey } from '../cache/step-cache.js';
import { expandWord, expandWords } from '../dockerfile/expand.js';
import type { Instruction, Stage } from '../dockerfile/instruction.js';
import { parseSource } from '../dockerfile/parser.js';
import type { StepProgress } from '../output/progress.js';
import { earlierStage } from '../plan/stages.js';
import { applyConfig } from './apply-config.js';
import { BuildArgs } from './build-args.js';
import { copyStep } from './copy-step.js';
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
import { makeWorkingDirectory } from './working-directory.js';

/** Builds one stage, instruction by instruction. */
export class StageBuild implements StageContext {
  readonly shared: SharedBuild;
  readonly stage: Stage;
  readonly args: BuildArgs;
  readonly #offset: number;
  #state: BuildState;
  #cmdIsSet = false;

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
      const progress = this.#begin(instruction, index + 1);
      await this.#dispatch(instruction, progress);
      progress.completed(this.#state.id);
    }
    return this.#state;
  }

  /** Variables replaced, quotes taken away. */
  expand(word: string): string {
    return expandWord(word, this.variables(), this.shared.file.escapeToken);
  }

  variables(): ReadonlyMap<string, string> {
    return this.args.variables(runConfigOf(this.#state));
  }

  #begin({ source, line }: Instruction, index: number): StepProgress {
    this.shared.signal.throwIfAborted();
    const { index: stage, name: stageName } = this.stage;
    const number = this.#offset + index + 1;
    return this.shared.request.progress.step({
      stage,
      stageName,
      number,
      total: this.shared.total,
      source,
      line,
    });
  }

  async #from(): Promise<void> {
    const progress = this.#begin(this.stage.from, 0);
    const name = this.shared.baseOf(this.stage);
    const below = earlierStage(this.shared.file, this.stage, name, false);
    if (below) this.#state = await this.shared.stage(below.index);
    else if (name !== 'scratch') this.#state = await this.#base(name, progress);
    else this.#state = scratchState(this.#platform() ?? this.shared.request.platform);
    this.#state = withPath(this.#state);
    this.shared.hold(layersOf(this.#state));
    progress.completed(this.#state.id);
    if (!below) await this.#triggers(progress);
  }

  async #base(name: string, progress: StepProgress): Promise<BuildState> {
    const { context, request, signal } = this.shared;
    const note = (text: string) => progress.note(text);
    const image = await context.base(name, { pull: request.pull, platform: this.#platform(), note, signal });
    return { id: image.id, config: image.config };
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
    for (const trigger of triggers) await this.#dispatch(parseSource(trigger, '\\'), progress);
    progress.note(` ---> ${this.#state.id?.slice(7, 19) ?? ''}\n`);
  }

  async #dispatch(instruction: Instruction, progress: StepProgress): Promise<void> {
    const config = runConfigOf(this.#state);
    switch (instruction.name) {
      case 'RUN':
        return await this.commit(await runStep(this, instruction, progress), instruction, progress);
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
    const { context, request } = this.shared;
    const before = this.#state;
    const key = stepKey([before.id ?? null, step.createdBy, step.depends]);
    const found = request.noCache ? undefined : await this.#find(key, step);
    if (found) {
      progress.cached();
      this.#state = stateOf(found);
      this.shared.hold(layersOf(this.#state));
      return;
    }
    const layer = await step.makeLayer?.();
    if (layer) this.shared.hold([layer.chainId]);
    const config = newConfig(before.config, step, layer?.diffId);
    await context.cache.put(key, config, source);
    this.#state = stateOf(config);
  }

  async #find(key: Digest, step: Step): Promise<ImageConfig | undefined> {
    const { context, request } = this.shared;
    const found = context.cache.get(key);
    if (found || request.cacheFrom.length === 0) return found;
    const probed = await probeImages(context.images, request.cacheFrom, this.#state.config, step.createdBy);
    if (!probed) return undefined;
    const config = newConfig(this.#state.config, step, probed.diffId);
    return { ...config, created: probed.created, history: probed.history };
  }
}

const expandedNames: ReadonlySet<string> = new Set([
  ...['ENV', 'LABEL', 'WORKDIR', 'EXPOSE', 'VOLUME', 'USER', 'STOPSIGNAL'],
]);

function newConfig(before: ImageConfig, step: Step, diffId: Digest | undefined): ImageConfig {
  const { createdBy, config } = step;
  const author = step.author ?? before.author ?? '';
  return committedConfig(before, { config, diffId, author, comment: '', createdBy });
}

/** Docker gives every image a PATH. */
function withPath(state: BuildState): BuildState {
  const config = runConfigOf(state);
  if (config.Env?.some((entry) => entry.startsWith('PATH='))) return state;
  const Env = [...(config.Env ?? []), 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];
  return { ...state, config: { ...state.config, config: { ...config, Env } } };
}
