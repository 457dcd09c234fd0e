import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Digest } from '../../shared/digest.js';
import { version } from '../../shared/version.js';
import { applyChanges } from './config-changes.js';
import type { ImageConfig } from './image-config.js';
import type { ImportOptions } from './image-store.js';

/** Writes an uncompressed tar to a file and answers its digest, which a layer needs beforehand. */
export async function spool(tar: Readable, path: string, signal: AbortSignal | undefined): Promise<Digest> {
  const hash = createHash('sha256');
  await pipeline(
    tar,
    async function* (pieces: AsyncIterable<Buffer>) {
      for await (const piece of pieces) {
        hash.update(piece);
        yield piece;
      }
    },
    createWriteStream(path, { mode: 0o600 }),
    ...(signal ? [{ signal }] : []),
  );
  return `sha256:${hash.digest('hex')}`;
}

/** The config of an imported root file system. */
export function importedConfig(diffId: Digest, options: ImportOptions, created: string): ImageConfig {
  return {
    architecture: options.platform.architecture,
    os: options.platform.os,
    created,
    comment: options.message,
    docker_version: version,
    config: applyChanges({}, options.changes),
    rootfs: { type: 'layers', diff_ids: [diffId] },
    history: [{ created, comment: options.message }],
  };
}
