import { type FSWatcher, watch } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { systemErrorCode } from '../../shared/errors.js';
import { type LogEntry, LogLineParser } from './log-entry.js';
import { tailOffset } from './tail-offset.js';

export interface ReadLogOptions {
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** The last so many lines only; undefined for all. As with Docker, counted before any other choice. */
  readonly tail?: number | undefined;
  /** Nanoseconds since the epoch, inclusive. */
  readonly since?: bigint | undefined;
  /** The first later entry ends the log. */
  readonly until?: bigint | undefined;
  /** Go on with what the container writes, until `ended` has resolved and everything has been read. */
  readonly follow?: boolean | undefined;
  /** Resolves when nothing will be written any more. Without it only `signal` ends following. */
  readonly ended?: Promise<unknown> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Entries of a container's log in the order written; nothing when there is no such file. Ends early on abort. */
export async function* readLog(path: string, options: ReadLogOptions): AsyncGenerator<LogEntry> {
  for await (const batch of readLogBatches(path, options)) yield* batch;
}

/** The same, many at a time: for copying at full speed. */
export async function* readLogBatches(path: string, options: ReadLogOptions): AsyncGenerator<LogEntry[]> {
  await using file = await openExisting(path);
  if (!file) return;
  using changes = options.follow ? new Changes(path, options) : undefined;
  const start = options.tail === undefined ? 0 : await tailOffset(file, options.tail);
  const parser = new LogLineParser();
  for await (const lines of completeLines(file, start, changes)) {
    if (options.signal?.aborted) return;
    const { entries, done } = select(lines, parser, options);
    if (entries.length > 0) yield entries;
    if (done) return;
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

/** Blocks of whole lines. A line that is not complete yet waits for the rest of it. */
async function* completeLines(
  file: FileHandle,
  start: number,
  changes: Changes | undefined,
): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for (let offset = start; ; ) {
    // Asked before reading: what is written between the two is then read in the next round.
    const last = changes?.finished ?? true;
    const block = Buffer.allocUnsafe(BLOCK_SIZE);
    const { bytesRead } = await file.read(block, 0, BLOCK_SIZE, offset);
    if (bytesRead === 0) {
      if (last) return;
      await changes?.next();
      continue;
    }
    offset += bytesRead;
    const text =
      rest.length === 0 ? block.subarray(0, bytesRead) : Buffer.concat([rest, block.subarray(0, bytesRead)]);
    const end = text.lastIndexOf(NEWLINE) + 1;
    rest = text.subarray(end);
    if (end > 0) yield text.subarray(0, end);
  }
}

function select(
  lines: Buffer,
  parser: LogLineParser,
  { stdout, stderr, since, until }: ReadLogOptions,
): { entries: LogEntry[]; done: boolean } {
  const entries: LogEntry[] = [];
  for (let start = 0; start < lines.length; ) {
    const end = lines.indexOf(NEWLINE, start) + 1;
    const entry = parser.parse(lines.subarray(start, end));
    start = end;
    if (!entry || !(entry.stream === 'stdout' ? stdout : stderr)) continue;
    if (until !== undefined && entry.time > until) return { entries, done: true };
    if (since === undefined || entry.time >= since) entries.push(entry);
  }
  return { entries, done: false };
}

/** Tells when the file has grown (inotify), or that it will not any more. */
class Changes implements Disposable {
  readonly #watcher: FSWatcher;
  readonly #signal: AbortSignal | undefined;
  #changed = false;
  #wake: () => void = () => {};
  finished = false;

  constructor(path: string, { ended, signal }: ReadLogOptions) {
    this.#watcher = watch(path, { persistent: false }, () => this.#note());
    this.#watcher.on('error', () => this.#finish());
    this.#signal = signal;
    const finish = () => this.#finish();
    ended?.then(finish, finish);
    if (signal?.aborted) this.#finish();
    signal?.addEventListener('abort', this.#finish);
  }

  /** Resolves at the next change, at once when there has been one since the last call. */
  async next(): Promise<void> {
    if (!this.#changed && !this.finished) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    this.#changed = false;
  }

  [Symbol.dispose](): void {
    this.#watcher.close();
    this.#signal?.removeEventListener('abort', this.#finish);
  }

  #note(): void {
    this.#changed = true;
    this.#wake();
  }

  readonly #finish = (): void => {
    this.finished = true;
    this.#wake();
  };
}

const BLOCK_SIZE = 256 * 1024;
const NEWLINE = 0x0a;
