import { writeSync } from 'node:fs';
import { isHole } from '../../shared/zeros.js';

/**
 * Writes a chunk of a new file at a position, but not its zeros where they are many: there the file has a hole, as it may
 * have had where it came from. Answers where the last bytes end that were written, 0 for none.
 */
export function writeData(fd: number, chunk: Buffer, position: number): number {
  let written = 0;
  for (const [start, end] of dataIn(chunk)) {
    for (let at = start; at < end; ) at += writeSync(fd, chunk, at, end - at, position + at);
    written = position + end;
  }
  return written;
}

function* dataIn(chunk: Buffer): Generator<readonly [number, number]> {
  let start = 0;
  for (let at = 0; at + blockSize <= chunk.length; at += blockSize) {
    if (!isHole(chunk.subarray(at, at + blockSize))) continue;
    if (start < at) yield [start, at];
    start = at + blockSize;
  }
  if (start < chunk.length) yield [start, chunk.length];
}

/** As much as is looked at together; file systems allocate less at a time. */
const blockSize = 32 * 1024;
