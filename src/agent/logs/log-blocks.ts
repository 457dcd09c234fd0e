import { type FileHandle, open, stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { systemErrorCode } from '../../shared/errors.js';
import { LogChanges } from './log-changes.js';
import { type LogSegment, logSegments, rotatedSegments } from './log-segments.js';
import { countLines, tailOffset } from './tail-offset.js';

export interface LogBlockOptions {
  /** The last so many lines only; undefined for all. As with Docker, counted before any other choice. */
  readonly tail?: number | undefined;
  /** Go on with what the container writes, until `ended` has resolved and everything has been read. */
  readonly follow?: boolean | undefined;
  /** Resolves when nothing will be written any more. Without it only `signal` ends following. */
  readonly ended?: Promise<unknown> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The lines of a container's log as they stand in its files, in blocks of whole lines, across rotations; nothing
 * when there is no file. Ends early on abort.
 */
export async function* logBlocks(path: string, options: LogBlockOptions): AsyncGenerator<Buffer> {
  using changes = options.follow ? new LogChanges(path, options) : undefined;
  const { older, offset } = await beginning(path, options.tail);
  for (const segment of older) {
    yield* wholeLines(segmentPieces(segment.segment, segment.offset));
    if (options.signal?.aborted) return;
  }
  yield* wholeLines(currentPieces(path, offset, changes, options.signal));
}

interface Beginning {
  readonly older: readonly { readonly segment: LogSegment; readonly offset: number }[];
  /** In the present file. */
  readonly offset: number;
}

/** Where the last lines begin: files are counted from the newest until there are enough. */
async function beginning(path: string, tail: number | undefined): Promise<Beginning> {
  const segments = await logSegments(path);
  if (tail === undefined) {
    return { older: segments.slice(0, -1).map((segment) => ({ segment, offset: 0 })), offset: 0 };
  }
  const older: { segment: LogSegment; offset: number }[] = [];
  let offset = 0;
  let missing = tail;
  for (const segment of [...segments].reverse()) {
    if (missing <= 0 && older.length > 0) break;
    const { at, lines } = await tailOf(segment, missing);
    if (segment.path === path) offset = at;
    else older.unshift({ segment, offset: at });
    missing -= lines;
    if (missing <= 0) break;
  }
  return { older, offset };
}

async function tailOf(segment: LogSegment, count: number): Promise<{ at: number; lines: number }> {
  if (segment.compressed) return countLines(segmentPieces(segment, 0), count);
  await using file = await openExisting(segment.path);
  return file ? await tailOffset(file, count) : { at: 0, lines: 0 };
}

async function* segmentPieces({ path, compressed }: LogSegment, start: number): AsyncGenerator<Buffer> {
  const file = await openExisting(path);
  if (file) yield* piecesOf({ file, compressed }, start); // else the oldest, which has gone meanwhile
}

/** Closes the file. */
async function* piecesOf({ file, compressed }: OpenSegment, start: number): AsyncGenerator<Buffer> {
  const stream = file.createReadStream({ highWaterMark: BLOCK_SIZE, start: compressed ? 0 : start });
  try {
    if (compressed) yield* skipping(stream.pipe(createGunzip({ chunkSize: BLOCK_SIZE })), start);
    else yield* stream;
  } finally {
    stream.destroy();
  }
}

async function* skipping(pieces: AsyncIterable<Buffer>, count: number): AsyncGenerator<Buffer> {
  let left = count;
  for await (const piece of pieces) {
    if (left < piece.length) yield piece.subarray(left);
    left = Math.max(0, left - piece.length);
  }
}

/** The present file from an offset, and when it is followed the files that take its place. */
async function* currentPieces(
  path: string,
  start: number,
  changes: LogChanges | undefined,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  let reader = new Reader(await openExisting(path), start);
  try {
    while (!signal?.aborted) {
      // Asked before reading: what is written between the two is then read in the next round.
      const last = changes?.finished ?? true;
      yield* reader.rest();
      const after = changes && (await successors(path, reader.file));
      if (after) {
        yield* reader.rest(); // nothing has been written to it since there is another one
        await reader.file?.close();
        reader = new Reader(after.present, 0);
        for (const segment of after.older) yield* piecesOf(segment, 0);
      } else if (last) return;
      else await changes?.next();
    }
  } finally {
    await reader.file?.close();
  }
}

class Reader {
  readonly file: FileHandle | undefined;
  #offset: number;

  constructor(file: FileHandle | undefined, offset: number) {
    this.file = file;
    this.#offset = offset;
  }

  /** To the end that the file has now. */
  async *rest(): AsyncGenerator<Buffer> {
    while (this.file) {
      const block = Buffer.allocUnsafe(BLOCK_SIZE);
      const { bytesRead } = await this.file.read(block, 0, BLOCK_SIZE, this.#offset);
      if (bytesRead === 0) return;
      this.#offset += bytesRead;
      yield block.subarray(0, bytesRead);
    }
  }
}

interface OpenSegment {
  readonly file: FileHandle;
  readonly compressed: boolean;
}

interface Successors {
  /** Put aside meanwhile, the oldest first. */
  readonly older: readonly OpenSegment[];
  readonly present: FileHandle;
}

/** The files that were begun after this one, open, once there are any: several, where the reader is slow. */
async function successors(path: string, file: FileHandle | undefined): Promise<Successors | undefined> {
  for (;;) {
    const present = await openExisting(path);
    if (!present) return undefined;
    if (!file) return { older: [], present };
    const own = await file.stat({ bigint: true });
    const { ino } = await present.stat({ bigint: true });
    if (ino === own.ino) {
      await present.close();
      return undefined;
    }
    const older = await openLater(path, own);
    if ((await inodeOf(path)) === ino) return { older, present };
    for (const each of [present, ...older.map((segment) => segment.file)]) await each.close(); // rotated meanwhile
  }
}

/** Files of a log are written one after the other, and compressed ones keep their time of the last write. */
async function openLater(
  path: string,
  own: { readonly ino: bigint; readonly mtimeNs: bigint },
): Promise<readonly OpenSegment[]> {
  const later: OpenSegment[] = [];
  for (const { segment } of await rotatedSegments(path)) {
    const file = await openExisting(segment.path);
    if (!file) break;
    const { ino, mtimeNs } = await file.stat({ bigint: true });
    if (ino === own.ino || mtimeNs <= own.mtimeNs) {
      await file.close();
      break;
    }
    later.unshift({ file, compressed: segment.compressed });
  }
  return later;
}

async function inodeOf(path: string): Promise<bigint | undefined> {
  try {
    return (await stat(path, { bigint: true })).ino;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** A line that is not complete yet waits for the rest of it. */
async function* wholeLines(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    const text = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const end = text.lastIndexOf(NEWLINE) + 1;
    rest = text.subarray(end);
    if (end > 0) yield text.subarray(0, end);
  }
}

async function openExisting(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

const BLOCK_SIZE = 256 * 1024;
const NEWLINE = 0x0a;
