import type { FileHandle } from 'node:fs/promises';
import { isFullLine } from './log-entry.js';

export interface TailStart {
  /** Where the last lines begin, in bytes. */
  readonly at: number;
  /** How many they are: fewer than asked for when there are no more. */
  readonly lines: number;
}

/** Where the last `count` lines of a log begin, found by reading backwards. Pieces count with their line. */
export async function tailOffset(file: FileHandle, count: number): Promise<TailStart> {
  const { size } = await file.stat();
  if (count <= 0) return { at: size, lines: 0 };
  let seen = 0;
  for await (const { line, end } of linesBackwards(file, size)) {
    // What follows a full line, or what the file ends with, begins a line.
    if (isFullLine(line) || end === size) seen++;
    if (seen > count) return { at: end, lines: count };
  }
  return { at: 0, lines: seen };
}

/** The same for what can only be read forwards. */
export async function countLines(pieces: AsyncIterable<Buffer>, count: number): Promise<TailStart> {
  /** Where the last lines begin that are known, at most one more than asked for. */
  const starts: number[] = [];
  let offset = 0;
  let begins = true;
  let line = Buffer.alloc(0);
  for await (const piece of pieces) {
    for (let start = 0; start < piece.length; ) {
      const end = piece.indexOf(NEWLINE, start) + 1 || piece.length;
      line = Buffer.concat([line, piece.subarray(start, end)]);
      start = end;
      if (line.at(-1) !== NEWLINE) continue;
      if (begins) starts.push(offset);
      if (starts.length > count) starts.shift();
      begins = isFullLine(line);
      offset += line.length;
      line = Buffer.alloc(0);
    }
  }
  return { at: starts[0] ?? offset, lines: starts.length };
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
