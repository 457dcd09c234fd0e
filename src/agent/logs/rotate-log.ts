import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat, utimes } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { systemErrorCode } from '../../shared/errors.js';
import { rotatedSegments } from './log-segments.js';

export interface RotationOptions {
  /** How many files there may be, the present one among them. */
  readonly maxFiles: number;
  readonly compress: boolean;
  /** Makes the writer go on in a new file at the path; resolves when it does. */
  reopen(): Promise<void>;
}

/**
 * Puts a log's file aside and begins a new one; the oldest files go. Nothing is lost: until it opens the new file
 * the writer goes on in the old one. The caller sees to it that only one rotation of a log is on its way.
 */
export async function rotateLog(
  path: string,
  { maxFiles, compress, reopen }: RotationOptions,
): Promise<void> {
  const older = await rotatedSegments(path);
  for (const { number, segment } of [...older].reverse()) {
    const suffix = segment.compressed ? '.gz' : '';
    if (number >= maxFiles - 1) await rm(segment.path, { force: true });
    else await rename(segment.path, `${path}.${number + 1}${suffix}`);
  }
  await moveAside(path, maxFiles);
  await reopen();
  if (compress && maxFiles > 1) await compressFile(`${path}.1`);
}

async function moveAside(path: string, maxFiles: number): Promise<void> {
  try {
    if (maxFiles > 1) await rename(path, `${path}.1`);
    else await rm(path);
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  }
}

/** Complete beside it first: a reader finds one or the other. */
async function compressFile(path: string): Promise<void> {
  const draft = `${path}.gz.tmp`;
  try {
    await pipeline(createReadStream(path), createGzip(), createWriteStream(draft, { mode: 0o600 }));
    // Never later than the original's: a reader that has read that would take this for a later file.
    const written = Math.floor((await stat(path)).mtimeMs) / 1000;
    await utimes(draft, written, written);
    await rename(draft, `${path}.gz`);
    await rm(path, { force: true });
  } finally {
    await rm(draft, { force: true });
  }
}
