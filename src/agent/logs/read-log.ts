import { type LogBlockOptions, logBlocks } from './log-blocks.js';
import { type LogEntry, LogLineParser } from './log-entry.js';

export interface ReadLogOptions extends LogBlockOptions {
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Nanoseconds since the epoch, inclusive. */
  readonly since?: bigint | undefined;
  /** The first later entry ends the log. */
  readonly until?: bigint | undefined;
}

/** Entries of a container's log in the order written; nothing when there is no such file. Ends early on abort. */
export async function* readLog(path: string, options: ReadLogOptions): AsyncGenerator<LogEntry> {
  const parser = new LogLineParser();
  for await (const lines of logBlocks(path, options)) {
    if (options.signal?.aborted) return;
    const { entries, done } = select(lines, parser, options);
    yield* entries;
    if (done) return;
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

const NEWLINE = 0x0a;
