import type { Dockerfile, Instruction, Stage } from '../dockerfile/instruction.js';
import { parseMountFlag } from '../dockerfile/run-mount.js';
import { buildInvalid } from '../errors.js';
import type { BuildRequest } from '../exec/request.js';

/** What is built, and in which numbering. */
export interface BuildPlan {
  readonly target: Stage;
  /** Stages that the target needs, itself included, in the order of the file. */
  readonly stages: readonly Stage[];
}

/** Throws BUILD_INVALID for a target that is not there. `baseOf` is the expanded name after FROM. */
export function planBuild(
  file: Dockerfile,
  { target: targetName, namedContext }: Pick<BuildRequest, 'target' | 'namedContext'>,
  baseOf: (stage: Stage) => string,
): BuildPlan {
  const target = targetStage(file, targetName);
  const isReplaced = (reference: string) => namedContext?.(reference) !== undefined;
  const needed = new Set<Stage>();
  const add = (stage: Stage): void => {
    if (needed.has(stage)) return;
    needed.add(stage);
    for (const below of dependencies(file, stage, baseOf(stage), isReplaced)) add(below);
  };
  add(target);
  return { target, stages: file.stages.filter((stage) => needed.has(stage)) };
}

/** An earlier stage of that name, or of that index where `byIndex`. */
export function earlierStage(
  file: Dockerfile,
  before: Stage,
  reference: string,
  byIndex: boolean,
): Stage | undefined {
  const earlier = file.stages.slice(0, before.index);
  const named = earlier.findLast(({ name }) => name === reference.toLowerCase());
  if (named || !byIndex || !/^\d+$/.test(reference)) return named;
  return earlier[Number(reference)];
}

function targetStage({ stages }: Dockerfile, name: string | undefined): Stage {
  const last = stages.at(-1);
  if (!last) throw buildInvalid('no build stage in current context');
  if (name === undefined) return last;
  const found = stages.find((stage) => stage.name === name.toLowerCase());
  const indexed = /^\d+$/.test(name) ? stages[Number(name)] : undefined;
  const target = found ?? indexed;
  if (!target) throw buildInvalid(`failed to reach build target ${name} in Dockerfile`);
  return target;
}

function dependencies(
  file: Dockerfile,
  stage: Stage,
  base: string,
  isReplaced: (reference: string) => boolean,
): readonly Stage[] {
  const references = stage.instructions.flatMap(sourcesOf).filter((reference) => !isReplaced(reference));
  return [
    isReplaced(base) ? undefined : earlierStage(file, stage, base, false),
    ...references.map((reference) => earlierStage(file, stage, reference, true)),
  ].filter((each) => each !== undefined);
}

function sourcesOf({ name, flags }: Instruction): readonly string[] {
  if (name === 'COPY') return flags.get('from') ?? [];
  if (name !== 'RUN') return [];
  return (flags.get('mount') ?? []).flatMap((mount) => parseMountFlag(mount).from ?? []);
}
