import { type Digest, digestHex, digestOf, isDigest } from '../../shared/digest.js';
import { errorMessage } from '../../shared/errors.js';
import type { ArchiveFile } from './archive-file.js';
import type { ArchiveFiles } from './archive-files.js';
import { decodeImageConfig, diffIdsOf } from './decode-image-config.js';
import { imageArchiveInvalid, wrongPlatform } from './errors.js';
import type { ImageConfig } from './image-config.js';
import type { Reference } from './reference.js';

/** One image of an archive, read but not yet taken in. */
export interface ArchivedImage {
  readonly configBlob: Buffer;
  readonly config: ImageConfig;
  /** Lowest first; undefined for one that the archive leaves out. */
  readonly layers: readonly (ArchiveFile | undefined)[];
  readonly tags: readonly Reference[];
}

/**
 * Reads the config and finds the layers. As with Docker, one may be missing that is here already. Throws IMAGE_ARCHIVE_INVALID,
 * IMAGE_CONFIG_INVALID.
 */
export async function archivedImage(
  files: ArchiveFiles,
  source: { config: string; layers: readonly string[]; tags: readonly Reference[] },
): Promise<ArchivedImage> {
  const configBlob = await files.file(source.config).read();
  checkNamedDigest(source.config, digestOf(configBlob));
  const config = decodeImageConfig(configBlob);
  if (config.os !== 'linux') throw wrongPlatform(`cannot load ${config.os} image on linux`);
  const expected = diffIdsOf(config).length;
  if (source.layers.length !== expected) {
    throw imageArchiveInvalid(
      `invalid manifest, layers length mismatch: expected ${source.layers.length}, got ${expected}`,
    );
  }
  const layers: (ArchiveFile | undefined)[] = [];
  for (const name of source.layers) {
    const file = files.has(name) ? files.file(name) : undefined;
    const digest = await file?.digest();
    if (digest) checkNamedDigest(name, digest);
    layers.push(file);
  }
  return { configBlob, config, layers, tags: source.tags };
}

export async function readJsonFile(files: ArchiveFiles, name: string): Promise<unknown> {
  const content = await files.file(name).read();
  try {
    return JSON.parse(content.toString('utf8'));
  } catch (cause) {
    throw imageArchiveInvalid(`${JSON.stringify(name)} is not valid JSON: ${errorMessage(cause)}`, cause);
  }
}

/** "blobs/sha256/HEX" and "HEX.json" promise a digest. */
function checkNamedDigest(name: string, actual: Digest): void {
  const hex = /^(?:blobs\/sha256\/([0-9a-f]{64})|([0-9a-f]{64})\.json)$/.exec(name);
  const promised = hex?.[1] ?? hex?.[2];
  if (promised !== undefined && promised !== digestHex(actual)) {
    throw imageArchiveInvalid(`${JSON.stringify(name)} has the digest ${actual}`);
  }
}

export function isDigestText(value: unknown): value is Digest {
  return typeof value === 'string' && isDigest(value);
}
