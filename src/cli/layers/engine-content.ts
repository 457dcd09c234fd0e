import type { EngineClient } from '../../api/client/engine-client.js';
import { imageLayers } from '../../api/client/image-layers.js';
import { inspectImage, saveImages } from '../../api/client/images.js';
import type { LayerEntry, LayerHead, LayerLine } from '../../api/image-layers.js';
import { archiveContent } from './archive-content.js';
import type { ImageContent, LayerContent } from './image-content.js';

/**
 * What is in an image of an engine. tsmachine's own tells it; from others the whole image is read, as `docker save`
 * does. Throws ENGINE_ERROR when there is no such image.
 */
export async function engineContent(
  client: EngineClient,
  name: string,
  signal: AbortSignal,
): Promise<ImageContent> {
  const { Id: id } = await inspectImage(client, name, signal);
  const lines = await imageLayers(client, id, signal);
  if (!lines) return { ...(await savedContent(client, id, signal)), name };
  return { name, id, layers: await collect(lines) };
}

async function savedContent(client: EngineClient, id: string, signal: AbortSignal): Promise<ImageContent> {
  const [image] = await archiveContent(await saveImages(client, [id], signal));
  if (!image) throw new TypeError('an archive without an image');
  return image;
}

async function collect(lines: AsyncIterable<LayerLine>): Promise<readonly LayerContent[]> {
  const layers: (LayerHead & { readonly entries: LayerEntry[] })[] = [];
  for await (const line of lines) {
    if ('diffId' in line) layers.push({ ...line, entries: [] });
    else layers.at(-1)?.entries.push(line);
  }
  return layers;
}
