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
    const tag = line[LINE.tag];
    if (line.length <= LINE.text || (tag !== LINE.full && tag !== LINE.partial)) return undefined;
    const time = this.#time(line.toString('latin1', 0, TIME_LENGTH));
    if (time === undefined) return undefined;
    const end = tag === LINE.full ? line.length : line.length - 1;
    return {
      stream: line[LINE.stream + 3] === LINE.letterO ? 'stdout' : 'stderr',
      time,
      payload: line.subarray(LINE.text, end),
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
  return line[LINE.tag] === LINE.full;
}

/** Offsets in a line, and the bytes that stand there. */
export const LINE = {
  zone: 29,
  stream: 36,
  tag: 43,
  text: 45,
  full: 0x46, // "F"
  partial: 0x50, // "P"
  /** The fourth letter of "stdout". */
  letterO: 0x6f,
} as const;

const TIME_LENGTH = 35;
