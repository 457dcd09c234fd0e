import { PassThrough, pipeline, Readable } from 'node:stream';
import { constants, createZstdCompress } from 'node:zlib';
import type { EngineClient } from '../../api/client/engine-client.js';
import { inspectImage, loadImages } from '../../api/client/images.js';
import type { ProgressMessage } from '../../api/progress.js';
import { formatBytes } from '../../shared/bytes.js';
import { isTsmachineError } from '../../shared/errors.js';
import type { Reporter } from '../../shared/reporter.js';
import { imageDiffers } from './errors.js';
import type { ImageSource, SourceImage } from './image-source.js';
import { type PresentLayers, presentLayers } from './present-layers.js';

export interface PushImagesOptions {
  readonly machine: string;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
  readonly progress: (message: ProgressMessage) => void;
}

export interface PushedImages {
  readonly images: readonly { readonly image: string; readonly id: string }[];
  readonly layers: number;
  /** Of those, what the machine did not have. */
  readonly sentLayers: number;
  /** Bytes of the archive, before it is compressed for the way. */
  readonly sentBytes: number;
}

/**
 * Brings images to a machine's engine, without the layers that it has. Every layer is verified by its digest there;
 * an image appears when all of it has arrived, and nothing remains of what was broken off. Throws IMAGE_DIFFERS, and
 * what the engines say.
 */
export async function pushImages(
  source: ImageSource,
  target: EngineClient,
  options: PushImagesOptions,
): Promise<PushedImages> {
  const { machine, signal, reporter } = options;
  const { images } = source;
  reporter.step(`Asking "${machine}" which layers it has`);
  const present = await presentLayers(
    target,
    images.map(({ diffIds }) => diffIds),
    signal,
  );
  const missing = missingLayers(images, present);
  const sent = await send(source, target, { ...options, missing, isOwn: present.isOwn }).catch((error) => {
    if (!isIncomplete(error)) throw error;
    reporter.warn(`a layer that "${machine}" seemed to have is not there; sending all of them`);
    return send(source, target, { ...options, missing: layerSizesOf(images), isOwn: present.isOwn });
  });
  reporter.step('Verifying');
  for (const image of images) await verify(target, image, present.isOwn, options);
  return {
    images: images.map(({ name, id }) => ({ image: name, id })),
    layers: layerSizesOf(images).size,
    sentLayers: missing.size,
    sentBytes: sent,
  };
}

type Sizes = ReadonlyMap<string, number | undefined>;

function missingLayers(images: readonly SourceImage[], { counts }: PresentLayers): Sizes {
  const missing = images.map((image, index) => {
    const count = counts[index] ?? 0;
    return { ...image, diffIds: image.diffIds.slice(count), sizes: image.sizes.slice(count) };
  });
  return layerSizesOf(missing);
}

function layerSizesOf(images: readonly SourceImage[]): Sizes {
  return new Map(
    images.flatMap(({ diffIds, sizes }) => diffIds.map((diffId, at) => [diffId, sizes[at]] as const)),
  );
}

interface SendOptions extends PushImagesOptions {
  readonly missing: Sizes;
  readonly isOwn: boolean;
}

async function send(source: ImageSource, target: EngineClient, options: SendOptions): Promise<number> {
  const { missing, signal, reporter, progress } = options;
  const total = [...missing.values()].reduce<number>((sum, size) => sum + (size ?? 0), 0);
  reporter.step(
    `Sending ${missing.size} of ${layerSizesOf(source.images).size} layers (${formatBytes(total)})`,
  );
  const archive = await source.archive(new Set(missing.keys()));
  let bytes = 0;
  const counted = Readable.from(
    (async function* () {
      for await (const piece of archive) {
        bytes += piece.length;
        progress({
          id: 'images',
          status: 'Sending',
          progressDetail: { current: Math.min(bytes, total), total },
        });
        yield piece;
      }
    })(),
    { objectMode: false, highWaterMark: 1 << 20 },
  );
  const body = pipeline(counted, options.isOwn ? createZstdCompress(quick) : new PassThrough(), () => {});
  try {
    for await (const _line of loadImages(target, body, { quiet: true }, signal));
  } catch (error) {
    throw archive.errored ?? error;
  } finally {
    archive.destroy();
    body.destroy();
  }
  return bytes;
}

/** Quicker than any network that is worth compressing for. Docker Engine before 23 does not read it. */
const quick = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** Removed there after it had been asked, or of no use there. */
function isIncomplete(error: unknown): boolean {
  return (
    isTsmachineError(error) && /layer \S+ is missing|layer\.tar: no such file|not found/.test(error.message)
  );
}

/** An engine whose images are containerd's calls them by other IDs; their layers are the same. */
async function verify(
  target: EngineClient,
  { name, id, diffIds }: SourceImage,
  isOwn: boolean,
  { machine, signal }: PushImagesOptions,
): Promise<void> {
  const found = await inspectImage(target, isOwn ? id : name, signal);
  const isSame = found.Id === id || (!isOwn && found.RootFS.Layers.join() === diffIds.join());
  if (!isSame) throw imageDiffers(name, machine);
}
