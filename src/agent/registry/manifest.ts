import { type Digest, isDigest } from '../../shared/digest.js';
import { isJsonObject } from '../../shared/json.js';
import { manifestUnsupported, registryBroken } from './errors.js';

export interface Descriptor {
  readonly digest: Digest;
  readonly size: number;
  /** It may stand in a manifest as a gzip layer. */
  readonly isGzip?: boolean;
}

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

export interface ImageManifest {
  readonly kind: 'image';
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

export interface ImageIndex {
  readonly kind: 'index';
  readonly manifests: readonly (Descriptor & { readonly platform: Platform | undefined })[];
}

/** What the client can read: Docker's schema 2 and OCI, for one platform or several. */
export const manifestTypes: readonly string[] = [
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
];

/** Throws REGISTRY_BROKEN; REGISTRY_MANIFEST_UNSUPPORTED for schema 1. */
export function decodeManifest(content: Buffer): ImageManifest | ImageIndex {
  const value = parse(content);
  if (Array.isArray(value['manifests'])) {
    return { kind: 'index', manifests: value['manifests'].map(decodeIndexEntry) };
  }
  if (value['schemaVersion'] === 1) {
    throw manifestUnsupported(
      'Docker Image Format v1 and Docker Image manifest version 2, schema 1 support has been removed',
    );
  }
  if (!isJsonObject(value['config']) || !Array.isArray(value['layers'])) {
    throw manifestUnsupported('unsupported manifest format');
  }
  return {
    kind: 'image',
    config: decodeDescriptor(value['config']),
    layers: value['layers'].map(decodeDescriptor),
  };
}

/** As the manifest says, else by its shape. */
export function mediaTypeOf(content: Buffer): string {
  const { mediaType, manifests } = parse(content);
  if (typeof mediaType === 'string' && mediaType !== '') return mediaType;
  return `application/vnd.oci.image.${Array.isArray(manifests) ? 'index' : 'manifest'}.v1+json`;
}

/** The best match: the wanted variant, then one without, then any of that architecture. */
export function choosePlatform(index: ImageIndex, wanted: Platform): Descriptor | undefined {
  const fitting = index.manifests.filter(
    ({ platform }) => platform?.os === wanted.os && platform.architecture === wanted.architecture,
  );
  const variant = wanted.variant ?? defaultVariant(wanted.architecture);
  const exact = fitting.find(({ platform }) => platform?.variant === variant);
  const plain = fitting.find(({ platform }) => platform?.variant === undefined);
  return exact ?? plain ?? (wanted.variant ? undefined : fitting[0]);
}

export function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, variant].filter(Boolean).join('/');
}

function defaultVariant(architecture: string): string | undefined {
  return architecture === 'arm64' ? 'v8' : undefined;
}

function decodeIndexEntry(value: unknown): ImageIndex['manifests'][number] {
  const { os, architecture, variant } =
    isJsonObject(value) && isJsonObject(value['platform']) ? value['platform'] : {};
  const hasPlatform = typeof os === 'string' && typeof architecture === 'string';
  const platform = hasPlatform
    ? { os, architecture, ...(typeof variant === 'string' && variant !== '' && { variant }) }
    : undefined;
  return { ...decodeDescriptor(value), platform };
}

function decodeDescriptor(value: unknown): Descriptor {
  const { digest, size, mediaType } = isJsonObject(value) ? value : {};
  if (typeof digest !== 'string' || !isDigest(digest) || typeof size !== 'number' || !(size >= 0)) {
    throw registryBroken('manifest has a descriptor without digest or size');
  }
  const isGzip = typeof mediaType === 'string' && /[.+]gzip$/.test(mediaType);
  return { digest, size, ...(isGzip && { isGzip }) };
}

function parse(content: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(content.toString('utf8'));
    if (isJsonObject(value)) return value;
  } catch {
    // told below
  }
  throw registryBroken('manifest is not a JSON object');
}
