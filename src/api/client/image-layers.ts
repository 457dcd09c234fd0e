import type { IncomingMessage } from 'node:http';
import { isTsmachineError } from '../../shared/errors.js';
import type { LayerChains, LayerLine, LayerSizes, PartialArchive } from '../image-layers.js';
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
    return undefinedIfForeign(error);
  }
}

/** Which layers are there, and how large; undefined when the engine is not tsmachine's, or too old to tell. */
export async function layerSizes(
  client: EngineClient,
  chains: LayerChains['Chains'],
  signal?: AbortSignal,
): Promise<LayerSizes['Sizes'] | undefined> {
  const body: LayerChains = { Chains: chains };
  try {
    const request = { method: 'POST', path: '/tsmachine/layers/sizes', body, signal } as const;
    return (await client.json<LayerSizes>(request)).Sizes;
  } catch (error) {
    return undefinedIfForeign(error);
  }
}

/** A tar for `loadImages`, its body to come, of an engine that has told `layerSizes`. */
export async function partialArchive(
  client: EngineClient,
  body: PartialArchive,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  const path = '/tsmachine/images/archive';
  return client.request({ method: 'POST', path, body, signal, timeoutMs: Infinity });
}

function undefinedIfForeign(error: unknown): undefined {
  if (!isTsmachineError(error) || !/page not found/.test(error.message)) throw error;
}

async function* preceded<T>(first: IteratorResult<T>, rest: AsyncGenerator<T>): AsyncGenerator<T> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}
