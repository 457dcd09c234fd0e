import { type Digest, digestHex, digestOf } from '../../shared/digest.js';
import { tarEnd, tarFile, tarHeader, tarPadding } from '../../shared/tar/tar-writer.js';
import type { LayerStore } from '../layer/layer-store.js';
import type { ImageConfig } from './image-config.js';
import { familiarName, familiarReference, formatReference, type Reference } from './reference.js';

/** One image of an archive, and the names that it gets there. */
export interface SavedImage {
  readonly configBlob: Buffer;
  readonly config: ImageConfig;
  /** Lowest first. */
  readonly layers: readonly { readonly chainId: Digest; readonly diffId: Digest }[];
  readonly tags: readonly Reference[];
}

/**
 * An archive of images that is both an OCI layout (image-spec 1.1, image-layout.md) and what older dockers load
 * (manifest.json, repositories), as Docker 25 and later write it. The same images always give the same bytes; each
 * layer is in it once. Nothing is written to the disk. With `only` the other layers are named, but left out.
 */
export async function* saveArchive(
  layers: Pick<LayerStore, 'tar' | 'tarSize'>,
  images: readonly SavedImage[],
  only?: ReadonlySet<Digest>,
): AsyncGenerator<Buffer> {
  const sizes = await layerSizes(layers, images);
  const documents = new Map<Digest, Buffer>();
  const manifests = images.map((image) => {
    documents.set(digestOf(image.configBlob), image.configBlob);
    const manifest = Buffer.from(JSON.stringify(ociManifest(image, sizes)));
    documents.set(digestOf(manifest), manifest);
    return { image, manifest };
  });
  yield Buffer.concat([directory('blobs/'), directory('blobs/sha256/')]);
  for (const [digest, content] of documents) yield file(blobPath(digest), content);
  for (const [diffId, { chainId, size }] of sizes) {
    if (only && !only.has(diffId)) continue;
    yield tarHeader({ type: 'file', name: blobPath(diffId), mode: 0o444, mtime: 0n, size });
    yield* layers.tar(chainId);
    yield tarPadding(size);
  }
  yield Buffer.concat([
    json('index.json', ociIndex(manifests)),
    json('manifest.json', images.map(dockerItem)),
    json('oci-layout', { imageLayoutVersion: '1.0.0' }),
    ...(images.some(({ tags }) => tags.length > 0) ? [json('repositories', repositories(images))] : []),
    tarEnd,
  ]);
}

type Sizes = ReadonlyMap<Digest, { readonly chainId: Digest; readonly size: number }>;

async function layerSizes(
  layers: Pick<LayerStore, 'tarSize'>,
  images: readonly SavedImage[],
): Promise<Sizes> {
  const sizes = new Map<Digest, { chainId: Digest; size: number }>();
  for (const { chainId, diffId } of images.flatMap((image) => image.layers)) {
    if (!sizes.has(diffId)) sizes.set(diffId, { chainId, size: await layers.tarSize(chainId) });
  }
  return sizes;
}

function ociManifest({ configBlob, layers }: SavedImage, sizes: Sizes): object {
  return {
    schemaVersion: 2,
    mediaType: manifestType,
    config: { mediaType: configType, digest: digestOf(configBlob), size: configBlob.length },
    layers: layers.map(({ diffId }) => ({
      mediaType: layerType,
      digest: diffId,
      size: sizes.get(diffId)?.size ?? 0,
    })),
  };
}

function ociIndex(manifests: readonly { readonly image: SavedImage; readonly manifest: Buffer }[]): object {
  const entries = manifests.flatMap(({ image, manifest }) => {
    const descriptor = { mediaType: manifestType, digest: digestOf(manifest), size: manifest.length };
    const { os, architecture, variant } = image.config;
    const platform = { architecture, os, ...(variant && { variant }) };
    if (image.tags.length === 0) return [{ ...descriptor, platform }];
    return image.tags.map((tag) => {
      const annotations = {
        'io.containerd.image.name': formatReference(tag),
        'org.opencontainers.image.ref.name': tag.tag ?? '',
      };
      return { ...descriptor, annotations, platform };
    });
  });
  return { schemaVersion: 2, mediaType: indexType, manifests: entries };
}

function dockerItem({ configBlob, layers, tags }: SavedImage): object {
  return {
    Config: blobPath(digestOf(configBlob)),
    RepoTags: tags.length > 0 ? tags.map(familiarReference) : null,
    Layers: layers.map(({ diffId }) => blobPath(diffId)),
  };
}

/** Names for dockers before 1.10: by repository and tag the uppermost layer. */
function repositories(images: readonly SavedImage[]): object {
  const found: Record<string, Record<string, string>> = {};
  for (const { layers, tags } of images) {
    const top = layers.at(-1);
    for (const tag of tags) {
      const name = familiarName(tag);
      found[name] = { ...found[name], [tag.tag ?? '']: top ? digestHex(top.diffId) : '' };
    }
  }
  return found;
}

function directory(name: string): Buffer {
  return tarHeader({ type: 'directory', name, mode: 0o755, mtime: 0n });
}

function json(name: string, value: unknown): Buffer {
  return file(name, Buffer.from(JSON.stringify(value)));
}

function file(name: string, content: Buffer): Buffer {
  return tarFile({ type: 'file', name, mode: 0o644, mtime: 0n }, content);
}

function blobPath(digest: Digest): string {
  return `blobs/sha256/${digestHex(digest)}`;
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';
const configType = 'application/vnd.oci.image.config.v1+json';
const layerType = 'application/vnd.oci.image.layer.v1.tar';
