import type { Digest } from '../../../shared/digest.js';
import type { ImageRunConfig } from '../../image/image-config.js';
import type { NewLayer } from '../../layer/layer-store.js';
import type { Dockerfile, Stage } from '../dockerfile/instruction.js';
import type { BuildArgs } from './build-args.js';
import type { BuildContext, BuildRequest } from './request.js';
import type { BuildState } from './state.js';

/** What the stages of one build share. */
export interface SharedBuild {
  readonly context: BuildContext;
  readonly request: BuildRequest;
  readonly file: Dockerfile;
  readonly globals: ReadonlyMap<string, string>;
  readonly baseOf: (stage: Stage) => string;
  readonly total: number;
  /** Aborted when the client is gone or another stage has failed. */
  readonly signal: AbortSignal;
  /** Until the end of the build. */
  hold(layers: readonly Digest[]): void;
  /** Called when the build is over, however it ended. */
  onEnd(action: () => Promise<void>): void;
  /** The result of a stage, which is begun if it has not been. */
  stage(index: number): Promise<BuildState>;
}

/** A step's part in the cache's key and in the history, and what makes its layer. */
export interface Step {
  /** As in the history: "/bin/sh -c make". */
  readonly createdBy: string;
  /** Beside `createdBy`: what else the result depends on. */
  readonly depends: readonly unknown[];
  readonly config: ImageRunConfig;
  readonly author?: string | undefined;
  readonly makeLayer?: (() => Promise<NewLayer | undefined>) | undefined;
}

/** A stage as its steps see it. */
export interface StageContext {
  readonly shared: SharedBuild;
  readonly stage: Stage;
  readonly args: BuildArgs;
  /** Before the step. */
  readonly state: BuildState;
  variables(): ReadonlyMap<string, string>;
  /** Variables replaced, quotes taken away. */
  expand(word: string): string;
}
