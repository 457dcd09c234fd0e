import type { Reporter } from '../shared/reporter.js';

export interface ConsoleReporterOptions {
  readonly stream: NodeJS.WriteStream;
  readonly debug: boolean;
}

/** Steps on stderr: a spinner on a terminal, plain lines elsewhere. `close` ends the last step. */
export class ConsoleReporter implements Reporter {
  readonly #stream: NodeJS.WriteStream;
  readonly #debug: boolean;
  readonly #animated: boolean;
  #current: string | undefined;
  #frame = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor({ stream, debug }: ConsoleReporterOptions) {
    this.#stream = stream;
    this.#debug = debug;
    this.#animated = stream.isTTY && !debug && process.env['TERM'] !== 'dumb';
  }

  step(title: string): void {
    this.#finish('✔');
    if (!this.#animated) {
      this.#line(title);
      return;
    }
    this.#animate(title);
  }

  #animate(title: string): void {
    this.#current = title;
    this.#draw();
    this.#timer = setInterval(() => this.#draw(), 80);
    this.#timer.unref();
  }

  info(message: string): void {
    this.#line(message);
  }

  warn(message: string): void {
    this.#line(`warning: ${message}`);
  }

  debug(message: string): void {
    if (this.#debug) this.#line(message);
  }

  /** Leaves the terminal to a question until it is disposed. */
  pause(): Disposable {
    const title = this.#current;
    if (title === undefined) return { [Symbol.dispose]() {} };
    clearInterval(this.#timer);
    this.#stream.write(clearLine);
    this.#current = undefined;
    return {
      [Symbol.dispose]: () => {
        if (this.#current === undefined) this.#animate(title);
      },
    };
  }

  close(outcome: 'done' | 'failed'): void {
    this.#finish(outcome === 'done' ? '✔' : '✖');
  }

  /** The same reporter with every line marked by the machine it is about; steps become lines. */
  for(machine: string): Reporter {
    const mark = (message: string) => `(${machine}) ${message}`;
    return {
      step: (title) => this.#line(mark(title)),
      info: (message) => this.info(mark(message)),
      warn: (message) => this.#line(mark(`warning: ${message}`)),
      debug: (message) => this.debug(mark(message)),
    };
  }

  #line(text: string): void {
    if (this.#current === undefined) {
      this.#stream.write(`${text}\n`);
      return;
    }
    this.#stream.write(`${clearLine}${text}\n`);
    this.#draw();
  }

  #draw(): void {
    const frame = frames[this.#frame % frames.length] ?? '';
    this.#frame += 1;
    // One row only: a wrapped line could not be overwritten.
    const room = Math.max(10, (this.#stream.columns ?? 80) - 3);
    this.#stream.write(`${clearLine}${frame} ${this.#current?.slice(0, room) ?? ''}`);
  }

  #finish(mark: string): void {
    if (this.#current === undefined) return;
    clearInterval(this.#timer);
    this.#stream.write(`${clearLine}${mark} ${this.#current}\n`);
    this.#current = undefined;
  }
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const clearLine = '\r\x1b[2K';
