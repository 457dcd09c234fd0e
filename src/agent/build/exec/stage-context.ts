import type { Digest } from '../../../shared/digest.js';
import type { ImageRunConfig } from '../../image/image-config.js';
import type { NewLayer } from '../../layer/layer-store.js';
import type { SourceTree } from '../copy/source-tree.js';
import type { Dockerfile, Stage } from '../dockerfile/instruction.js';
import type { StepProgress } from '../output/progress.js';
import type { BuildArgs } from './build-args.js';
import type { BuildContext, BuildRequest, BuiltStep } from './request.js';
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
  /** The build context: what the Dockerfile names, or all of it. Throws BUILD_INVALID where there is none. */
  files(extent: 'named' | 'all'): Promise<SourceTree>;
  /** Until the end of the build. */
  hold(layers: readonly Digest[]): void;
  /** Told of each step when its result is there. */
  made(step: BuiltStep): void;
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
  /** Of the step that is being made. */
  readonly progress: StepProgress;
  /** Before the step. */
  readonly state: BuildState;
  /** The build context. */
  files(): Promise<SourceTree>;
  variables(): ReadonlyMap<string, string>;
  /** Variables replaced, quotes taken away. */
  expand(word: string): string;
}
