import { isTsmachineError } from '../../shared/errors.js';
import type { LayerLine } from '../image-layers.js';
import type { EngineClient } from './engine-client.js';
import { imagePath } from './images.js';

/** What is in an image's layers; undefined when the engine is not tsmachine's, or too old to tell. */
export async function imageLayers(
  client: EngineClient,
  name: string,
  signal?: AbortSignal,
): Promise<AsyncGenerator<LayerLine> | undefined> {
  const path = `/tsmachine${imagePath(name)}/layers`;
  const lines = client.stream<LayerLine>({ method: 'GET', path, signal });
  try {
    const first = await lines.next();
    return preceded(first, lines);
  } catch (error) {
    if (isTsmachineError(error) && /page not found/.test(error.message)) return undefined;
    throw error;
  }
}

async function* preceded<T>(first: IteratorResult<T>, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}
