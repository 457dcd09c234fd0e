import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { decompress } from '../../shared/decompress.js';
import { errorMessage, isTsmachineError } from '../../shared/errors.js';
import { tarEnd, tarFile, tarHeader, tarPadding } from '../../shared/tar/tar-writer.js';
import { fileUnreadable } from '../docker/errors.js';
import { parseImageReference } from '../docker/image-reference.js';
import { imageFilesInvalid, imageMissing } from './errors.js';
import { directoryFiles, type ImageFiles, tarFiles } from './image-files.js';
import { type FiledImage, filedImages } from './image-manifests.js';
import type { ImageSource } from './image-source.js';

export interface FileSourceOptions {
  /** Names of the images that are wanted; empty: all. */
  readonly names: readonly string[];
  /** Docker's name of the target's. */
  readonly architecture: string;
  readonly signal: AbortSignal;
}

/**
 * The images of an archive, compressed or not, or of an OCI layout's directory. Throws FILE_UNREADABLE,
 * IMAGE_FILES_INVALID, IMAGE_MISSING.
 */
export async function fileSource(path: string, options: FileSourceOptions): Promise<ImageSource> {
  const found = await stat(path).catch((cause) => {
    throw fileUnreadable(path, cause);
  });
  if (!found.isDirectory()) return await streamSource(createReadStream(path), options);
  return await sourceOf(await directoryFiles(path), options, async () => {});
}

/** The images of an archive that comes as a stream: it is written to a temporary file first. */
export async function streamSource(archive: Readable, options: FileSourceOptions): Promise<ImageSource> {
  const directory = await mkdtemp(join(tmpdir(), 'tsmachine-images-'));
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    const path = join(directory, 'images.tar');
    await pipeline(await decompress(archive), createWriteStream(path, { mode: 0o600 }), {
      signal: options.signal,
    });
    return await sourceOf(await tarFiles(path, options.signal), options, remove);
  } catch (error) {
    archive.destroy();
    await remove();
    options.signal.throwIfAborted();
    const isBroken = isTsmachineError(error) && /^(TAR|COMPRESSION)_INVALID$/.test(error.code);
    throw isBroken ? imageFilesInvalid(errorMessage(error), error) : error;
  }
}

async function sourceOf(
  files: ImageFiles,
  { names, architecture }: FileSourceOptions,
  remove: () => Promise<void>,
): Promise<ImageSource> {
  const images = chosen(await filedImages(files, architecture), names);
  return {
    images: images.map(({ id, names: own, layers }) => ({
      name: own[0] ?? id,
      id,
      diffIds: layers.map(({ diffId }) => diffId),
      sizes: layers.map(({ file }) => (files.has(file) ? files.size(file) : undefined)),
    })),
    archive: async (diffIds) => Readable.from(pieces(files, images, diffIds), { objectMode: false }),
    [Symbol.asyncDispose]: remove,
  };
}

/** Those asked for, each with that name; an image that has none gets the only name that is asked for. */
function chosen(images: readonly FiledImage[], names: readonly string[]): readonly FiledImage[] {
  if (names.length === 0) return images;
  const [only] = images;
  const [first = ''] = names;
  if (only && images.length === 1 && names.length === 1 && !only.names.some((name) => /[/:]/.test(name))) {
    return [{ ...only, names: [parseImageReference(first).familiar] }];
  }
  return names.map((name) => {
    const wanted = parseImageReference(name).canonical;
    const image = images.find(
      ({ id, names: own }) =>
        id === name || own.some((each) => parseImageReference(each).canonical === wanted),
    );
    if (!image)
      throw imageMissing(
        name,
        'in the archive',
        images.flatMap((each) => each.names),
      );
    return { ...image, names: image.id === name ? [] : [parseImageReference(name).familiar] };
  });
}

async function* pieces(
  files: ImageFiles,
  images: readonly FiledImage[],
  diffIds: ReadonlySet<string>,
): AsyncGenerator<Buffer> {
  const written = new Set<string>();
  for (const { diffId, file } of images.flatMap(({ layers }) => layers)) {
    if (!diffIds.has(diffId) || written.has(diffId)) continue;
    written.add(diffId);
    const size = files.size(file);
    yield tarHeader({ type: 'file', name: layerName(diffId), size });
    yield* files.open(file);
    yield tarPadding(size);
  }
  for (const { id, config } of images) yield tarFile({ type: 'file', name: configName(id) }, config);
  const manifest = images.map(({ id, names, layers }) => ({
    Config: configName(id),
    RepoTags: names.filter((name) => /[/:]/.test(name)),
    Layers: layers.map(({ diffId }) => layerName(diffId)),
  }));
  yield tarFile({ type: 'file', name: 'manifest.json' }, Buffer.from(JSON.stringify(manifest)));
  yield tarEnd;
}

function configName(id: string): string {
  return `${id.replace(/^sha256:/, '')}.json`;
}

function layerName(diffId: string): string {
  return `${diffId.replace(/^sha256:/, '')}/layer.tar`;
}
