import { type Digest, digestOf, isDigest } from '../../../shared/digest.js';
import { isJsonObject } from '../../../shared/json.js';
import { cacheConfigType, gzipLayer } from './cache-config.js';
import type { Blob } from './cache-place.js';

export interface CacheManifest {
  readonly type: string;
  readonly content: Buffer;
}

/** As an image, or as the index that builders before 2025 wrote: layers and configuration among its manifests. */
export function encodeCacheManifest(
  layers: readonly Blob[],
  config: Buffer,
  { asImage, oci }: { readonly asImage: boolean; readonly oci: boolean },
): CacheManifest {
  const layerType = oci ? gzipLayer : 'application/vnd.docker.image.rootfs.diff.tar.gzip';
  const blobs = [...new Map(layers.map((layer) => [layer.digest, layer])).values()];
  const described = blobs.map(({ digest, size }) => ({ mediaType: layerType, digest, size }));
  const last = { mediaType: cacheConfigType, digest: digestOf(config), size: config.length };
  const type = manifestTypes[asImage ? 'image' : 'index'][oci ? 'oci' : 'docker'];
  const body = asImage ? { config: last, layers: described } : { manifests: [...described, last] };
  return { type, content: Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: type, ...body })) };
}

const manifestTypes = {
  image: {
    oci: 'application/vnd.oci.image.manifest.v1+json',
    docker: 'application/vnd.docker.distribution.manifest.v2+json',
  },
  index: {
    oci: 'application/vnd.oci.image.index.v1+json',
    docker: 'application/vnd.docker.distribution.manifest.list.v2+json',
  },
} as const;

/** Where a manifest's cache configuration is; undefined when it is no cache, but perhaps an image. */
export function cacheConfigOf(manifest: Buffer): Digest | undefined {
  const { config, manifests } = parse(manifest);
  const found = [config, ...(Array.isArray(manifests) ? manifests : [])].find(
    (each) => isJsonObject(each) && each['mediaType'] === cacheConfigType,
  );
  const digest = isJsonObject(found) ? found['digest'] : undefined;
  return typeof digest === 'string' && isDigest(digest) ? digest : undefined;
}

function parse(manifest: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(manifest.toString('utf8'));
    return isJsonObject(value) ? value : {};
  } catch {
    return {}; // no cache
  }
}
