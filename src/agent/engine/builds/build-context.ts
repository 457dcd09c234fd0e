import type { StepCache } from '../../build/cache/step-cache.js';
import type { BuildPlatform } from '../../build/exec/request.js';
import type { Puller } from '../../registry/puller.js';
import type { RegistryCaches } from '../../registry/registry-cache.js';
import type { ContainerContext } from '../containers/context.js';

/** What building images works with. */
export interface BuildServiceContext {
  readonly containers: ContainerContext;
  readonly puller: Puller;
  readonly caches: RegistryCaches;
  readonly cache: StepCache;
  /** The builder's own, in the data root and in the run root. */
  readonly directory: string;
  readonly runDirectory: string;
  readonly platform: BuildPlatform;
}
