import type { Digest } from '../../../shared/digest.js';

/** One instruction in the course of a build. */
export interface StepInfo {
  /** Index of the stage in the Dockerfile. */
  readonly stage: number;
  readonly stageName: string | undefined;
  /** From 1, over all stages that are built. */
  readonly number: number;
  readonly total: number;
  /** The instruction as written. */
  readonly source: string;
  readonly line: number;
}

/** Where a build tells how it goes; the fronts draw it as their clients want it. */
export interface BuildProgress {
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
  /** `image` is the ID of what has been built so far, undefined for nothing (FROM scratch). */
  completed(image: Digest | undefined): void;
}
