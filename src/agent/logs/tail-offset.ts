import type { FileHandle } from 'node:fs/promises';
import { isFullLine } from './log-entry.js';

/** Where the last `count` lines of a log begin, in bytes, found by reading backwards. Pieces count with their line. */
export async function tailOffset(file: FileHandle, count: number): Promise<number> {
  const { size } = await file.stat();
  if (count <= 0) return size;
  let seen = 0;
  for await (const { line, end } of linesBackwards(file, size)) {
    // What follows a full line, or what the file ends with, begins a line.
    if (isFullLine(line) || end === size) seen++;
    if (seen > count) return end;
  }
  return 0;
}

interface PlacedLine {
  readonly line: Buffer;
  /** Offset after its newline. */
  readonly end: number;
}

async function* linesBackwards(file: FileHandle, size: number): AsyncGenerator<PlacedLine> {
  let text = Buffer.alloc(0);
  for (let start = size; start > 0; ) {
    const length = Math.min(BLOCK_SIZE, start);
    start -= length;
    const block = Buffer.alloc(length);
    await file.read(block, 0, length, start);
    text = Buffer.concat([block, text]);
    for (;;) {
      const previous = text.length < 2 ? -1 : text.lastIndexOf(NEWLINE, text.length - 2);
      if (previous === -1) break;
      yield { line: text.subarray(previous + 1), end: start + text.length };
      text = text.subarray(0, previous + 1);
    }
  }
  if (text.length > 0) yield { line: text, end: text.length };
}

const BLOCK_SIZE = 64 * 1024;
const NEWLINE = 0x0a;
