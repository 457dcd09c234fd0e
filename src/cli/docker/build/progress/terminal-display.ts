import type { StatusUpdate } from '../../../../build/solve/solve.js';
import { BuildScreen, type ScreenOptions, type ScreenSize } from './build-screen.js';
import type { BuildDisplay, TextOutput } from './display.js';

export interface TerminalOutput extends TextOutput, ScreenSize {}

const everyMs = 100;

/** Redraws the lines of a build in place. */
export class TerminalDisplay implements BuildDisplay {
  readonly #output: TerminalOutput;
  readonly #screen: BuildScreen;
  #drawn = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(output: TerminalOutput, options: ScreenOptions) {
    this.#output = output;
    this.#screen = new BuildScreen(options);
  }

  update(update: StatusUpdate, scope?: string): void {
    this.#screen.update(update, scope);
    if (this.#timer) return;
    this.#timer = setInterval(() => this.#draw(), everyMs).unref();
    this.#draw();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#draw(true);
    this.#drawn = 0;
    const lines = this.#screen.summary();
    if (lines.length > 0) this.#output.write(`${lines.join('\n')}\n`);
  }

  #draw(isLast = false): void {
    const { columns, rows } = this.#output;
    const lines = this.#screen.lines({ columns, rows: rows - 1 }, isLast);
    if (lines.length === 0) return;
    this.#output.write(`${this.#erasing()}${lines.join('\n')}\n`);
    this.#drawn = lines.length;
  }

  #erasing(): string {
    return this.#drawn === 0 ? '' : `\x1b[${this.#drawn}A\x1b[J`;
  }
}
