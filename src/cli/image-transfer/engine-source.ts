import type { EngineClient } from '../../api/client/engine-client.js';
import { layerSizes, partialArchive } from '../../api/client/image-layers.js';
import { inspectImage, saveImages } from '../../api/client/images.js';
import { type FileSourceOptions, streamSource } from './file-source.js';
import type { ImageSource } from './image-source.js';

/**
 * Images of an engine. tsmachine's own sends what is wanted; from another all of them are saved into a temporary file
 * first. Throws ENGINE_ERROR when there is no such image.
 */
export async function engineSource(client: EngineClient, options: FileSourceOptions): Promise<ImageSource> {
  const { names, signal } = options;
  const inspected = await Promise.all(names.map((name) => inspectImage(client, name, signal)));
  const chains = inspected.map(({ RootFS }) => RootFS.Layers);
  const sizes = await layerSizes(client, chains, signal);
  if (!sizes) return await streamSource(await saveImages(client, names, signal), { ...options, names: [] });
  return {
    images: inspected.map(({ Id: id }, index) => ({
      name: names[index] ?? id,
      id,
      diffIds: chains[index] ?? [],
      sizes: (sizes[index] ?? []).map((size) => size ?? undefined),
    })),
    archive: (diffIds) => partialArchive(client, { Names: names, Layers: [...diffIds] }, signal),
    async [Symbol.asyncDispose]() {},
  };
}
