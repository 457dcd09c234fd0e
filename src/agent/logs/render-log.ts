import { formatNanoTime } from '../../shared/nanotime.js';
import { logBlocks } from './log-blocks.js';
import { LINE, LogLineParser } from './log-entry.js';
import type { ReadLogOptions } from './read-log.js';

export interface RenderLogOptions extends ReadLogOptions {
  /** Docker's frames around every entry (Engine API, ContainerAttach, "Stream format"). */
  readonly multiplexed: boolean;
  readonly timestamps: boolean;
  /** Before every entry, behind the time. */
  readonly details?: string | undefined;
}

/**
 * A container's log as Docker's clients read it. Lines are copied from block to block, without an object for each:
 * logs are read at hundreds of megabytes a second.
 */
export async function* renderLog(path: string, options: RenderLogOptions): AsyncGenerator<Buffer> {
  const renderer = new LogRenderer(options);
  for await (const lines of logBlocks(path, options)) {
    if (options.signal?.aborted) return;
    const output = renderer.render(lines);
    if (output.length > 0) yield output;
    if (renderer.done) return;
  }
}

class LogRenderer {
  /** The rest is later than what was asked for. */
  done = false;
  readonly #options: RenderLogOptions;
  readonly #details: Buffer;
  readonly #parser = new LogLineParser();

  constructor(options: RenderLogOptions) {
    this.#options = options;
    this.#details = Buffer.from(options.details ?? '');
  }

  render(lines: Buffer): Buffer {
    // What is left out of a line is longer than frame and time together; only the details come in addition.
    const mostLines = Math.ceil(lines.length / LINE.text);
    const output = Buffer.allocUnsafe(lines.length + mostLines * this.#details.length);
    let at = 0;
    for (let start = 0; start < lines.length && !this.done; ) {
      const end = lines.indexOf(NEWLINE, start) + 1;
      if (this.#isWanted(lines, start, end)) at = this.#copy(lines, start, end, output, at);
      start = end;
    }
    return output.subarray(0, at);
  }

  #isWanted(lines: Buffer, start: number, end: number): boolean {
    const { stdout, stderr, since, until } = this.#options;
    const tag = lines[start + LINE.tag];
    if (end - start <= LINE.text || (tag !== LINE.full && tag !== LINE.partial)) return false;
    if (!(isStdout(lines, start) ? stdout : stderr)) return false;
    if (since === undefined && until === undefined) return true;
    const time = this.#parser.parse(lines.subarray(start, end))?.time;
    if (time === undefined) return false;
    this.done = until !== undefined && time > until;
    return !this.done && (since === undefined || time >= since);
  }

  #copy(lines: Buffer, start: number, end: number, output: Buffer, position: number): number {
    const { multiplexed, timestamps } = this.#options;
    const frame = position;
    let at = multiplexed ? position + FRAME_SIZE : position;
    if (timestamps) at = this.#copyTime(lines, start, end, output, at);
    at += this.#details.copy(output, at);
    const last = lines[start + LINE.tag] === LINE.full ? end : end - 1;
    at += lines.copy(output, at, start + LINE.text, last);
    if (multiplexed) {
      output.writeUInt32BE(isStdout(lines, start) ? 0x01000000 : 0x02000000, frame);
      output.writeUInt32BE(at - frame - FRAME_SIZE, frame + 4);
    }
    return at;
  }

  /** Docker prints all nine digits, in UTC. */
  #copyTime(lines: Buffer, start: number, end: number, output: Buffer, at: number): number {
    if (
      lines[start + LINE.zone] === PLUS &&
      lines.toString('latin1', start + LINE.zone, start + LINE.stream) === UTC
    ) {
      const length = lines.copy(output, at, start, start + LINE.zone);
      return at + length + output.write('Z ', at + length, 'latin1');
    }
    const time = this.#parser.parse(lines.subarray(start, end))?.time ?? 0n;
    const fraction = (time % 1_000_000_000n).toString().padStart(9, '0');
    return at + output.write(`${formatNanoTime(time).slice(0, 19)}.${fraction}Z `, at, 'latin1');
  }
}

function isStdout(lines: Buffer, start: number): boolean {
  return lines[start + LINE.stream + 3] === LINE.letterO;
}

const FRAME_SIZE = 8;
const NEWLINE = 0x0a;
const PLUS = 0x2b;
const UTC = '+00:00 ';
