import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Digest } from '../../../shared/digest.js';
import { zeroChunks } from '../../../shared/tar/sparse-content.js';
import type { TarHandler } from '../../../shared/tar/tar-handler.js';
import { dataRuns } from '../../kernel/file-holes.js';

/** Who takes a file's content in its order. */
export interface ContentTaker extends Pick<TarHandler, 'data'> {
  hole(length: number): void;
}

const piece = Buffer.allocUnsafe(256 * 1024);

/** Tells of a file's data, in pieces that are valid during the call, and of its holes. */
export function readContent(path: string | Buffer, taker: ContentTaker): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    let end = 0;
    for (const { offset, length } of dataRuns(fd)) {
      if (offset > end) taker.hole(offset - end);
      end = offset + readRun(fd, offset, length, taker);
    }
    const { size } = fstatSync(fd);
    if (size > end) taker.hole(size - end);
  } finally {
    closeSync(fd);
  }
}

function readRun(fd: number, offset: number, length: number, taker: ContentTaker): number {
  let done = 0;
  while (done < length) {
    const got = readSync(fd, piece, 0, Math.min(piece.length, length - done), offset + done);
    if (got === 0) break;
    taker.data(piece.subarray(0, got), 0);
    done += got;
  }
  return done;
}

export function contentDigest(path: string | Buffer): Digest {
  const hash = createHash('sha256');
  readContent(path, {
    data: (chunk) => void hash.update(chunk),
    hole: (length) => {
      for (const chunk of zeroChunks(length)) hash.update(chunk);
    },
  });
  return `sha256:${hash.digest('hex')}`;
}
