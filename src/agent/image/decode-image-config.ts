import { type Digest, isDigest } from '../../shared/digest.js';
import { errorMessage } from '../../shared/errors.js';
import { isJsonObject } from '../../shared/json.js';
import { imageConfigInvalid } from './errors.js';
import type { ImageConfig } from './image-config.js';

/** Reads a config blob. Throws IMAGE_CONFIG_INVALID. */
export function decodeImageConfig(blob: Uint8Array): ImageConfig {
  const value = parse(blob);
  if (!isJsonObject(value)) throw imageConfigInvalid('not an object');
  const { rootfs, os, architecture, config, history } = value;
  if (!isJsonObject(rootfs) || !isDigestList(rootfs['diff_ids'])) {
    throw imageConfigInvalid('rootfs.diff_ids is not a list of digests');
  }
  if (os !== undefined && typeof os !== 'string') throw imageConfigInvalid('os is not a string');
  if (architecture !== undefined && typeof architecture !== 'string') {
    throw imageConfigInvalid('architecture is not a string');
  }
  if (config !== undefined && config !== null && !isJsonObject(config)) {
    throw imageConfigInvalid('config is not an object');
  }
  if (history !== undefined && history !== null && !Array.isArray(history)) {
    throw imageConfigInvalid('history is not a list');
  }
  const { config: _config, history: _history, ...rest } = value;
  // checked above as far as this program relies on it; docker keeps the other fields as they are, too
  return {
    ...rest,
    os: os ?? 'linux',
    architecture: architecture ?? '',
    ...(isJsonObject(config) && { config }),
    ...(Array.isArray(history) && { history }),
  } as unknown as ImageConfig;
}

/** Digests of the layers, lowest first, checked by `decodeImageConfig`. */
export function diffIdsOf(config: ImageConfig): readonly Digest[] {
  return config.rootfs.diff_ids.filter(isDigest);
}

function parse(blob: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(blob).toString('utf8'));
  } catch (cause) {
    throw imageConfigInvalid(errorMessage(cause), cause);
  }
}

function isDigestList(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string' && isDigest(item));
}
