export interface LogEntry {
  readonly stream: 'stdout' | 'stderr';
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  /** With its newline; without one when the line goes on in the stream's next entry. */
  readonly payload: Buffer;
}

/**
 * Parses the lines of conmon's k8s-file log (the format of Kubernetes' CRI):
 * "2026-11-23T20:54:48.402196486+00:00 stdout F text". "P" marks a piece of a line. All but the text has a fixed
 * length. The second of the last line is remembered, since most lines have the same.
 */
export class LogLineParser {
  #second = '';
  #secondNanos = 0n;

  /** `line` has its newline; the payload shares its memory. Undefined for anything else. */
  parse(line: Buffer): LogEntry | undefined {
    const tag = line[TAG_OFFSET];
    if (line.length <= TEXT_OFFSET || (tag !== FULL && tag !== PARTIAL)) return undefined;
    const time = this.#time(line.toString('latin1', 0, TIME_LENGTH));
    if (time === undefined) return undefined;
    const end = tag === FULL ? line.length : line.length - 1;
    return {
      stream: line[STREAM_OFFSET + 3] === LETTER_O ? 'stdout' : 'stderr',
      time,
      payload: line.subarray(TEXT_OFFSET, end),
    };
  }

  #time(text: string): bigint | undefined {
    const second = text.slice(0, 19) + text.slice(29);
    if (second !== this.#second) {
      const milliseconds = Date.parse(second);
      if (Number.isNaN(milliseconds)) return undefined;
      this.#second = second;
      this.#secondNanos = BigInt(milliseconds) * 1_000_000n;
    }
    const fraction = Number(text.slice(20, 29));
    return Number.isNaN(fraction) ? undefined : this.#secondNanos + BigInt(fraction);
  }
}

/** Whether a line ends what the process wrote as one line. */
export function isFullLine(line: Buffer): boolean {
  return line[TAG_OFFSET] === FULL;
}

const TIME_LENGTH = 35;
const STREAM_OFFSET = TIME_LENGTH + 1;
const TAG_OFFSET = STREAM_OFFSET + 7;
const TEXT_OFFSET = TAG_OFFSET + 2;
const FULL = 0x46; // "F"
const PARTIAL = 0x50; // "P"
const LETTER_O = 0x6f; // the fourth letter of "stdout"
