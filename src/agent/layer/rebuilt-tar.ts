import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync, read as readWithCallback } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Digest } from '../../shared/digest.js';
import { layerDigestMismatch } from './errors.js';
import { type FileRun, readTarRecipe } from './tar-recipe.js';

/**
 * The archive that a layer was unpacked from, byte by byte, in pieces of up to 1 MiB. The last piece comes only when
 * the digest of the whole is right. Throws LAYER_DIGEST_MISMATCH, also when a file is not what it was.
 */
export async function* rebuiltTar(layerDirectory: string, diffId: Digest): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let last: Buffer | undefined;
  for await (const piece of collected(allPieces(layerDirectory, diffId))) {
    if (last) yield last;
    hash.update(piece);
    last = piece;
  }
  const actual = `sha256:${hash.digest('hex')}`;
  if (actual !== diffId) throw layerDigestMismatch(diffId, actual);
  if (last) yield last;
}

async function* allPieces(layerDirectory: string, diffId: Digest): AsyncGenerator<Buffer> {
  const root = Buffer.from(join(layerDirectory, 'diff/')).toString('latin1');
  for await (const piece of readTarRecipe(join(layerDirectory, 'tar-recipe'))) {
    if (Buffer.isBuffer(piece)) yield piece;
    else yield* content(Buffer.from(`${root}${piece.path}`, 'latin1'), piece, diffId);
  }
}

/** Directories on the way are the unpacker's own, never links. */
async function* content(path: Buffer, run: FileRun, diffId: Digest): AsyncGenerator<Buffer> {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(fd);
    // a later entry of the same layer has replaced it
    if (!stat.isFile() || stat.size !== run.fileSize)
      throw layerDigestMismatch(diffId, 'a file of another size');
    for (let left = run.size; left > 0; ) {
      const at = run.offset + run.size - left;
      const piece = Buffer.allocUnsafe(Math.min(left, largestPiece));
      const isSmall = left <= small; // a turn in the thread pool costs more
      const length = isSmall
        ? readSync(fd, piece, { position: at })
        : (await read(fd, piece, 0, piece.length, at)).bytesRead;
      if (length === 0) throw layerDigestMismatch(diffId, 'a shorter file');
      left -= length;
      yield piece.subarray(0, length);
    }
  } finally {
    closeSync(fd);
  }
}

async function* collected(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let length = 0;
  for await (const piece of pieces) {
    waiting.push(piece);
    length += piece.length;
    if (length < 256 * 1024) continue;
    yield Buffer.concat(waiting, length);
    waiting = [];
    length = 0;
  }
  if (length > 0) yield Buffer.concat(waiting, length);
}

const read = promisify(readWithCallback);
const largestPiece = 1 << 20;
const small = 64 * 1024;
