import type { ProgressMessage } from '../../../api/progress.js';
import type { Digest } from '../../../shared/digest.js';
import type { InstructionName } from '../dockerfile/instruction.js';

/** One instruction in the course of a build. */
export interface StepInfo {
  /** Index of the stage in the Dockerfile. */
  readonly stage: number;
  readonly stageName: string | undefined;
  /** From 1, over the arguments before the first FROM and all stages that are built. */
  readonly number: number;
  readonly total: number;
  /** The instruction as written. */
  readonly source: string;
  readonly name: InstructionName;
  /** Of FROM: the image, variables replaced; undefined for a stage, files, or nothing. */
  readonly image: string | undefined;
  /** Lines of the Dockerfile, from 1. */
  readonly line: number;
  readonly endLine: number;
  /** Among the steps of its stage that make files; undefined for those that do not. */
  readonly position: { readonly index: number; readonly total: number } | undefined;
  /** Of the Dockerfile. */
  readonly stages: number;
}

/** Where a build tells how it goes; the fronts draw it as their clients want it. */
export interface BuildProgress {
  /** ARG before the first FROM, of which nothing is made; before all steps. */
  argument(info: Pick<StepInfo, 'number' | 'total' | 'source'>): void;
  /** A step has begun. */
  step(info: StepInfo): StepProgress;
  /** What concerns no step. */
  note(text: string): void;
}

export interface StepProgress {
  /** Its result was known: nothing is run. */
  cached(): void;
  /** Output of a command; resolves when more can be taken. */
  log(stream: 'stdout' | 'stderr', chunk: Buffer): Promise<void>;
  /** What the builder has to say; whole lines. */
  note(text: string): void;
  /** The command runs in this container. */
  container(id: string): void;
  containerRemoved(id: string): void;
  /** How pulling the base image goes. */
  pulling(message: ProgressMessage): void;
  /** It has ended the build. */
  failed(error: unknown): void;
  /** `image` is the ID of what has been built so far, undefined for nothing (FROM scratch). */
  completed(image: Digest | undefined): void;
}
