import type { Readable } from 'node:stream';
import { decompress } from '../../shared/decompress.js';
import type { Digest } from '../../shared/digest.js';
import { errorMessage, isTsmachineError } from '../../shared/errors.js';
import { readTar } from '../../shared/tar/read-tar.js';
import { chainIdOf } from '../layer/chain-id.js';
import type { LayerStore } from '../layer/layer-store.js';
import { ArchiveFiles, type ArchiveFilesOptions } from './archive-files.js';
import type { ArchivedImage } from './archived-image.js';
import { diffIdsOf } from './decode-image-config.js';
import { imageArchiveInvalid } from './errors.js';

/** Takes in an image archive, compressed or not; the caller disposes what is answered. Throws IMAGE_ARCHIVE_INVALID. */
export async function unpackArchive(tar: Readable, options: ArchiveFilesOptions): Promise<ArchiveFiles> {
  const { signal } = options;
  const files = await ArchiveFiles.open(options);
  try {
    await readTar(await decompress(tar), files, { signal, ready: () => files.ready });
    return files;
  } catch (error) {
    await files[Symbol.asyncDispose]();
    const isBroken =
      isTsmachineError(error) && (error.code === 'TAR_INVALID' || error.code === 'COMPRESSION_INVALID');
    throw isBroken ? imageArchiveInvalid(errorMessage(error), error) : error;
  } finally {
    tar.destroy();
  }
}

/** Applies the layers of an archived image that are not there yet, lowest first. Throws IMAGE_ARCHIVE_INVALID. */
export async function applyLayers(
  layers: LayerStore,
  image: ArchivedImage,
  signal: AbortSignal | undefined,
): Promise<void> {
  let parent: Digest | undefined;
  for (const [index, diffId] of diffIdsOf(image.config).entries()) {
    const chainId = chainIdOf(parent, diffId);
    if (!(await layers.has(chainId))) {
      const file = image.layers[index];
      if (!file) throw imageArchiveInvalid(`layer ${diffId} is missing`);
      await file.apply({ layers, diffId, parent, signal });
    }
    parent = chainId;
  }
}
