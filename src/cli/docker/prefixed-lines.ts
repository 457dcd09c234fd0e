import { Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { Output } from './stdio-session.js';

const colours = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94];

/** "web-1 | ", as wide for each name as for the longest, and in a colour of its own where that is wanted. */
export function linePrefixes(
  names: readonly string[],
  options: { readonly coloured: boolean },
): ReadonlyMap<string, string> {
  const width = Math.max(0, ...names.map((name) => name.length));
  return new Map(
    names.map((name, at) => {
      const text = `${name.padEnd(width)} | `;
      const colour = colours[at % colours.length];
      return [name, options.coloured ? `\u001b[${colour}m${text}\u001b[0m` : text];
    }),
  );
}

/** Whether lines for this stream may be coloured (https://no-color.org). */
export function isColoured(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
}

/** Both streams of an output, behind one prefix. */
export function prefixedOutput(prefix: string, { stdout, stderr }: Output): Output {
  return { stdout: new PrefixedLines(prefix, stdout), stderr: new PrefixedLines(prefix, stderr) };
}

/** Writes whole lines to another stream, each behind a prefix; the last one need not have ended. */
export class PrefixedLines extends Writable {
  readonly #prefix: string;
  readonly #target: Writable;
  readonly #decoder = new StringDecoder('utf8');
  #pending = '';

  constructor(prefix: string, target: Writable) {
    super();
    this.#prefix = prefix;
    this.#target = target;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    const lines = (this.#pending + this.#decoder.write(chunk)).split('\n');
    this.#pending = lines.pop() ?? '';
    this.#send(lines, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    const rest = this.#pending + this.#decoder.end();
    this.#send(rest === '' ? [] : [rest], done);
  }

  #send(lines: readonly string[], done: (error?: Error | null) => void): void {
    if (lines.length === 0) done();
    else this.#target.write(lines.map((line) => `${this.#prefix}${line}\n`).join(''), done);
  }
}
