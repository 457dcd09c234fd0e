import type { Digest } from '../../../shared/digest.js';
import { committedConfig } from '../../image/committed-config.js';
import type { ImageConfig } from '../../image/image-config.js';
import { isPartOfImage, probeImages } from '../cache/cache-from.js';
import { stepKey } from '../cache/step-cache.js';
import type { SharedBuild, Step } from './stage-context.js';
import { type BuildState, layersOf, stateOf } from './state.js';

export interface StepResult {
  readonly state: BuildState;
  readonly cached: boolean;
}

interface Finding {
  readonly shared: SharedBuild;
  readonly before: BuildState;
  readonly step: Step;
  /** The instruction. */
  readonly source: string;
  /** Of the step upon exactly this image, and upon whatever was made by the same steps. */
  readonly key: Digest;
  readonly portableKey: Digest;
}

/** Takes a step's result from the cache unless it is to be made anew, or makes it and keeps it there. */
export async function stepResult(
  shared: SharedBuild,
  before: BuildState,
  step: Step,
  { source, anew }: { readonly source: string; readonly anew: boolean },
): Promise<StepResult> {
  const key = stepKey([before.id ?? null, step.createdBy, step.depends]);
  const portableKey = stepKey([before.key ?? null, step.createdBy, step.depends]);
  const finding = { shared, before, step, source, key, portableKey };
  const found = anew ? undefined : ((await findHere(finding)) ?? (await importResult(finding)));
  const state = stateOf(found ?? (await makeResult(finding)), portableKey);
  shared.hold(layersOf(state));
  shared.made({ key: portableKey, parent: before.key, config: state.config, source });
  return { state, cached: found !== undefined };
}

async function findHere({ shared, before, step, key }: Finding): Promise<ImageConfig | undefined> {
  const { images, cache } = shared.context;
  const { cacheFrom, cacheFromOnly } = shared.request;
  const found = cache.get(key);
  if (cacheFrom.length === 0) return found;
  if (found && (!cacheFromOnly || (await isPartOfImage(images, cacheFrom, found)))) return found;
  const probed = await probeImages(images, cacheFrom, before.config, step.createdBy);
  if (!probed) return undefined;
  const config = newConfig(before.config, step, probed.diffId);
  return { ...config, created: probed.created, history: probed.history };
}

/** From another host; from then on it counts as cached here, too. */
async function importResult({ shared, key, portableKey, source }: Finding): Promise<ImageConfig | undefined> {
  const step = await shared.request.importStep?.(portableKey);
  if (!step) return undefined;
  shared.onEnd(async () => step[Symbol.asyncDispose]());
  await shared.context.cache.put(key, step.config, source);
  return step.config;
}

async function makeResult({ shared, before, step, key, source }: Finding): Promise<ImageConfig> {
  const layer = await step.makeLayer?.();
  if (layer) shared.hold([layer.chainId]);
  const config = newConfig(before.config, step, layer?.diffId);
  await shared.context.cache.put(key, config, source);
  return config;
}

function newConfig(before: ImageConfig, step: Step, diffId: Digest | undefined): ImageConfig {
  const { createdBy, config } = step;
  const author = step.author ?? before.author ?? '';
  return committedConfig(before, { config, diffId, author, comment: '', createdBy });
}
