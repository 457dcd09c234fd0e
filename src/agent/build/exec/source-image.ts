import type { Digest } from '../../../shared/digest.js';
import { buildInvalid } from '../errors.js';
import { earlierStage } from '../plan/stages.js';
import type { StageContext } from './stage-context.js';
import { layersOf, topLayerOf } from './state.js';

/** The layers of a stage, by name or index, or of an image. */
export async function chainOf(build: StageContext, reference: string): Promise<Digest | undefined> {
  const { context, request, file, signal } = build.shared;
  const stage = earlierStage(file, build.stage, reference, true);
  if (stage) return topLayerOf(await build.shared.stage(stage.index));
  if (/^\d+$/.test(reference))
    throw buildInvalid(`invalid from flag value ${reference}: refers to current build block`);
  const note = () => {};
  const image = await context.base(reference, { pull: request.pull, platform: undefined, note, signal });
  build.shared.hold(layersOf({ id: image.id, config: image.config }));
  return image.chainId;
}
