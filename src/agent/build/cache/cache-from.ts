import type { Digest } from '../../../shared/digest.js';
import { isTsmachineError } from '../../../shared/errors.js';
import { diffIdsOf } from '../../image/decode-image-config.js';
import type { ImageConfig, ImageHistory } from '../../image/image-config.js';
import type { Image, ImageStore } from '../../image/image-store.js';

export interface ProbedStep {
  /** Of the layer that the step has made, if any. */
  readonly diffId: Digest | undefined;
  readonly created: string;
  /** Up to and with the step. */
  readonly history: readonly ImageHistory[];
}

/**
 * `--cache-from`: an image of this host that began as `before` and went on with this step. Those that are not there
 * are passed over, as Docker does.
 */
export async function probeImages(
  images: ImageStore,
  names: readonly string[],
  before: ImageConfig,
  createdBy: string,
): Promise<ProbedStep | undefined> {
  for (const name of names) {
    const image = await find(images, name);
    const step = image && nextStep(image.config, before, createdBy);
    if (step) return step;
  }
  return undefined;
}

/** Whether one of the images has begun with what a cached step has made. */
export async function isPartOfImage(
  images: ImageStore,
  names: readonly string[],
  step: ImageConfig,
): Promise<boolean> {
  for (const name of names) {
    const image = await find(images, name);
    if (image && continues(image.config, step)) return true;
  }
  return false;
}

async function find(images: ImageStore, name: string): Promise<Image | undefined> {
  try {
    return await images.resolve(name);
  } catch (error) {
    if (isTsmachineError(error)) return undefined;
    throw error;
  }
}

/** Whether an image has begun as `before`: the same steps, the same layers. */
export function continues(image: ImageConfig, before: ImageConfig): boolean {
  const history = image.history ?? [];
  const layers = diffIdsOf(image);
  const past = before.history ?? [];
  return (
    past.every((step, index) => step.created_by === history[index]?.created_by) &&
    diffIdsOf(before).every((id, index) => id === layers[index])
  );
}

function nextStep(image: ImageConfig, before: ImageConfig, createdBy: string): ProbedStep | undefined {
  const history = image.history ?? [];
  const past = before.history ?? [];
  const next = history[past.length];
  if (next?.created_by !== createdBy || !continues(image, before)) return undefined;
  return {
    diffId: next.empty_layer ? undefined : diffIdsOf(image)[diffIdsOf(before).length],
    created: next.created ?? image.created ?? '',
    history: history.slice(0, past.length + 1),
  };
}
