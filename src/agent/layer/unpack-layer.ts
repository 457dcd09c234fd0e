import { createHash } from 'node:crypto';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { readTar } from '../../shared/tar/read-tar.js';
import type { DiffId } from './layer-store.js';
import { LayerUnpacker } from './layer-unpacker.js';
import type { SystemCalls } from './system-calls.js';
import { TarRecorder } from './tar-recipe.js';

export interface UnpackedLayer {
  readonly diffId: DiffId;
  /** Bytes of its files, and of its archive. */
  readonly size: number;
  readonly tarSize: number;
}

/** Writes a layer's files to DIRECTORY/diff, and what they do not tell of the archive beside them, in one pass. */
export async function unpackLayer(
  directory: string,
  tar: Readable,
  { libc, signal }: { readonly libc: SystemCalls; readonly signal: AbortSignal | undefined },
): Promise<UnpackedLayer> {
  const diff = join(directory, 'diff');
  await mkdir(diff);
  await chmod(diff, 0o755);
  const unpacker = new LayerUnpacker(diff, libc);
  const recorder = new TarRecorder(join(directory, 'tar-recipe'), unpacker);
  const hash = createHash('sha256');
  const onBytes = (chunk: Buffer): void => {
    hash.update(chunk);
    recorder.bytes(chunk);
  };
  try {
    await readTar(tar, recorder, { signal, onBytes });
    unpacker.finish();
    recorder.finish();
  } finally {
    unpacker.dispose();
    recorder.dispose();
  }
  return { diffId: `sha256:${hash.digest('hex')}`, size: unpacker.size, tarSize: recorder.tarSize };
}
