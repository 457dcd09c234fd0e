import { StringDecoder } from 'node:string_decoder';
import type { StreamName } from '../../api/multiplex.js';

export interface LogPrinterOptions {
  readonly color: boolean;
  readonly prefix: boolean;
}

export interface LogOutputs {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

const palette = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94];

/** Prints lines of several containers, each marked with its name in its colour. */
export class LogPrinter {
  readonly #outputs: LogOutputs;
  readonly #options: LogPrinterOptions;
  readonly #names = new Map<string, number>();
  #width = 0;

  constructor(outputs: LogOutputs, options: LogPrinterOptions) {
    this.#outputs = outputs;
    this.#options = options;
  }

  /** Makes room for a name, so that the lines before it are aligned with its own. */
  register(name: string): void {
    if (!this.#names.has(name)) this.#names.set(name, this.#names.size);
    this.#width = Math.max(this.#width, name.length);
  }

  line(name: string, stream: StreamName, text: string): void {
    const output = stream === 'stderr' ? this.#outputs.stderr : this.#outputs.stdout;
    output.write(`${this.#mark(name)}${text}\n`);
  }

  /** Something that is said of a container, not by it. */
  status(name: string, text: string): void {
    this.#outputs.stdout.write(`${this.#colored(name, name)} ${text}\n`);
  }

  #mark(name: string): string {
    if (!this.#options.prefix) return '';
    this.register(name);
    return this.#colored(name, `${name.padEnd(this.#width)}  | `);
  }

  #colored(name: string, text: string): string {
    if (!this.#options.color) return text;
    const color = palette[(this.#names.get(name) ?? 0) % palette.length];
    return `\x1b[${color}m${text}\x1b[0m`;
  }
}

/** Cuts what comes in pieces into lines, of each stream on its own. */
export class LineCutter {
  readonly #pending = new Map<StreamName, string>();
  readonly #decoders = new Map<StreamName, StringDecoder>();
  readonly #print: (stream: StreamName, line: string) => void;

  constructor(print: (stream: StreamName, line: string) => void) {
    this.#print = print;
  }

  push(stream: StreamName, chunk: Buffer): void {
    const decoder = this.#decoders.get(stream) ?? new StringDecoder('utf8');
    this.#decoders.set(stream, decoder);
    const text = (this.#pending.get(stream) ?? '') + decoder.write(chunk);
    const lines = text.split('\n');
    this.#pending.set(stream, lines.pop() ?? '');
    for (const line of lines) this.#print(stream, line.replace(/\r$/, ''));
  }

  /** Prints what was not ended with a newline. */
  end(): void {
    for (const [stream, text] of this.#pending) if (text !== '') this.#print(stream, text);
    this.#pending.clear();
  }
}
