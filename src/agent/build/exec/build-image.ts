import type { SourceTree } from '../copy/source-tree.js';
import { expandWord } from '../dockerfile/expand.js';
import type { Dockerfile, Instruction, Stage } from '../dockerfile/instruction.js';
import { parseDockerfile } from '../dockerfile/parser.js';
import { buildInvalid } from '../errors.js';
import { contextPaths } from '../plan/context-paths.js';
import { type BuildPlan, planBuild } from '../plan/stages.js';
import { isPredefined } from './build-args.js';
import type { BuildContext, BuildPlatform, BuildRequest, BuiltImage, BuiltStep } from './request.js';
import { StageBuild } from './stage-build.js';
import type { SharedBuild } from './stage-context.js';
import { type BuildState, configBlob } from './state.js';

/**
 * Builds a Dockerfile's target: stages that it does not need are skipped, those that do not need each other are
 * built at the same time. Throws DOCKERFILE_INVALID, BUILD_INVALID, BUILD_COPY_FAILED, BUILD_COMMAND_FAILED, and
 * what pulling throws. After an error nothing but cached steps remains.
 */
export async function buildImage(context: BuildContext, request: BuildRequest): Promise<BuiltImage> {
  const file = parseDockerfile(request.dockerfile, request.dockerfileName);
  const globals = globalVariables(file, request);
  const baseOf = ({ from }: Stage) => {
    const name = expandWord(from.args[0] ?? '', globals, file.escapeToken);
    if (name === '') throw buildInvalid(`base name (${from.args[0]}) should not be blank`);
    return name;
  };
  const plan = withLabels(planBuild(file, request, baseOf), request.labels);
  await using resources = new AsyncDisposableStack();
  const steps: BuiltStep[] = [];
  const prepared = { file, globals, baseOf, plan, resources };
  const state = await buildStages(context, request, prepared, (step) => steps.push(step));
  warnOfUnused(request, globals, plan);
  const kept = resources.move();
  return {
    config: state.config,
    configBlob: configBlob(state.config),
    steps,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

interface Prepared {
  readonly file: Dockerfile;
  readonly globals: ReadonlyMap<string, string>;
  readonly baseOf: (stage: Stage) => string;
  readonly plan: BuildPlan;
  readonly resources: AsyncDisposableStack;
}

/** The first failure ends the other stages; all have come to rest when this returns. */
async function buildStages(
  context: BuildContext,
  request: BuildRequest,
  prepared: Prepared,
  made: (step: BuiltStep) => void,
): Promise<BuildState> {
  const { plan, resources } = prepared;
  const failure = new AbortController();
  const signal = AbortSignal.any([request.signal, failure.signal]);
  const running = new Map<number, Promise<BuildState>>();
  const { globalArgs } = prepared.file;
  const total = plan.stages.reduce((sum, stage) => sum + 1 + stage.instructions.length, globalArgs.length);
  for (const [at, { source }] of globalArgs.entries())
    request.progress.argument({ number: at + 1, total, source });
  const shared: SharedBuild = {
    ...{ context, request, ...prepared, total, signal, made },
    files: contextFiles(request, plan),
    hold: (layers) => {
      resources.use(context.images.hold(layers));
    },
    onEnd: (action) => resources.defer(action),
    stage: (index) => {
      const known = running.get(index);
      if (known) return known;
      const stage = plan.stages.find((each) => each.index === index);
      if (!stage) throw buildInvalid(`stage ${index} is not part of this build`);
      const before = plan.stages.slice(0, plan.stages.indexOf(stage));
      const offset = before.reduce((sum, each) => sum + 1 + each.instructions.length, globalArgs.length);
      const result = new StageBuild(shared, stage, offset).run();
      running.set(index, result);
      result.catch(() => {}); // awaited below
      return result;
    },
  };
  let first: { readonly error: unknown } | undefined;
  for (const stage of plan.stages) {
    shared.stage(stage.index).catch((error) => {
      first ??= { error };
      failure.abort(error);
    });
  }
  await Promise.allSettled(running.values());
  request.signal.throwIfAborted();
  if (first) throw first.error;
  return await shared.stage(plan.target.index);
}

function contextFiles({ context }: BuildRequest, { stages }: BuildPlan): SharedBuild['files'] {
  const paths = contextPaths(stages);
  const fetched = new Map<boolean, Promise<SourceTree>>();
  return async (extent) => {
    if (!context) throw buildInvalid('missing build context');
    const isPartial = extent === 'named' && paths !== undefined;
    const tree = fetched.get(isPartial) ?? context.tree(isPartial ? paths : undefined);
    fetched.set(isPartial, tree);
    return await tree;
  };
}

/** Variables of FROM: platform arguments, and ARG before the first FROM. */
export function globalVariables(
  file: Dockerfile,
  { buildArgs, platform, target }: Pick<BuildRequest, 'buildArgs' | 'platform' | 'target'>,
): ReadonlyMap<string, string> {
  const variables = new Map(platformArguments(platform, target));
  for (const [name, value] of buildArgs) if (variables.has(name)) variables.set(name, value);
  for (const { args } of file.globalArgs) {
    for (const word of args) {
      const equals = word.indexOf('=');
      const name = equals < 0 ? word : word.slice(0, equals);
      const own = equals < 0 ? undefined : expandWord(word.slice(equals + 1), variables, file.escapeToken);
      const value = buildArgs.get(name) ?? own;
      if (value !== undefined) variables.set(name, value);
    }
  }
  return variables;
}

function platformArguments(platform: BuildPlatform, target: string | undefined): [string, string][] {
  const { os, architecture, variant = '' } = platform;
  const name = [os, architecture, variant].filter(Boolean).join('/');
  return ['TARGET', 'BUILD'].flatMap((side): [string, string][] => [
    [`${side}PLATFORM`, name],
    [`${side}OS`, os],
    [`${side}ARCH`, architecture],
    [`${side}VARIANT`, variant],
    ...(side === 'TARGET' ? [['TARGETSTAGE', target ?? 'default'] as [string, string]] : []),
  ]);
}

/** `--label` is a last instruction of the target. */
function withLabels(plan: BuildPlan, labels: ReadonlyMap<string, string>): BuildPlan {
  if (labels.size === 0) return plan;
  const words = [...labels]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${quoted(name)}=${quoted(value)}`);
  const label: Instruction = {
    ...{ name: 'LABEL', flags: new Map(), args: words, json: false, heredocs: [] },
    ...{
      source: `LABEL ${words.join(' ')}`,
      ...lineOf(plan.target.instructions.at(-1) ?? plan.target.from),
    },
  };
  const target = { ...plan.target, instructions: [...plan.target.instructions, label] };
  return { target, stages: plan.stages.map((stage) => (stage === plan.target ? target : stage)) };
}

function lineOf({ line, endLine }: Instruction): Pick<Instruction, 'line' | 'endLine'> {
  return { line, endLine };
}

/** Single quotes keep everything; a quote itself is put between double ones. */
function quoted(text: string): string {
  return text
    .split("'")
    .map((part) => `'${part}'`)
    .join(`"'"`);
}

function warnOfUnused(
  { buildArgs, progress }: BuildRequest,
  globals: ReadonlyMap<string, string>,
  plan: BuildPlan,
): void {
  const declared = new Set(
    plan.stages.flatMap(({ instructions }) =>
      instructions
        .filter(({ name }) => name === 'ARG')
        .flatMap(({ args }) => args.map((word) => word.split('=', 1)[0])),
    ),
  );
  const unused = [...buildArgs.keys()].filter(
    (name) => !declared.has(name) && !globals.has(name) && !isPredefined(name),
  );
  if (unused.length > 0)
    progress.note(`[Warning] One or more build-args [${unused.sort().join(' ')}] were not consumed\n`);
}
