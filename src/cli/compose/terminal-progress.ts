import type { Progress, ProgressEvent } from '../../compose/engine/progress.js';
import { BuildScreen } from '../docker/build/progress/build-screen.js';
import type { BuildDisplay } from '../docker/build/progress/display.js';
import { type Row, visibleRows } from './progress-rows.js';

export interface TerminalOutput {
  write(text: string): unknown;
  readonly columns: number;
  readonly rows: number;
}

export interface TerminalProgressOptions {
  readonly dryRun: boolean;
  readonly color: boolean;
  /** Milliseconds of some clock. */
  readonly now: () => number;
}

/** Redraws a line for each thing, with the time that it has taken. `close` leaves the last state on the screen. */
export class TerminalProgress implements Progress {
  readonly #output: TerminalOutput;
  readonly #options: TerminalProgressOptions;
  readonly #rows = new Map<string, Row>();
  readonly #builds = new Set<BuildScreen>();
  #drawn = 0;
  #frame = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(output: TerminalOutput, options: TerminalProgressOptions) {
    this.#output = output;
    this.#options = options;
  }

  event(event: ProgressEvent): void {
    const now = this.#options.now();
    const key = event.parent === undefined ? event.id : `${event.parent}/${event.id}`;
    const known = this.#rows.get(key);
    const isNew = !known || known.ended !== undefined;
    const ended = event.status === 'working' ? undefined : now;
    this.#rows.set(key, { event, begun: isNew ? now : known.begun, ended });
    // What only gets further is drawn with the next frame.
    if (isNew || event.status !== 'working' || event.text !== known.event.text) this.#begin();
  }

  /** Builds are drawn below the rest while they go on, and left above it when they are over. */
  builds(): BuildDisplay {
    const { color } = this.#options;
    const screen = new BuildScreen({ color, now: () => Date.now() });
    this.#builds.add(screen);
    return {
      update: (update, scope) => {
        screen.update(update, scope);
        this.#begin();
      },
      close: () => {
        this.#builds.delete(screen);
        const lines = [...screen.lines(this.#output, true), ...screen.summary()];
        if (lines.length > 0) this.print(lines.join('\n'));
      },
    };
  }

  warn(message: string): void {
    this.print(`warning: ${message}\n`);
  }

  /** Text that ends with a newline, above the lines that are redrawn. */
  print(text: string): void {
    const line = text.endsWith('\n') ? text : `${text}\n`;
    this.#output.write(`${this.#erasing()}${line}`);
    this.#drawn = 0;
    this.#draw();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#draw();
    this.#rows.clear();
    this.#drawn = 0;
  }

  #begin(): void {
    this.#timer ??= setInterval(() => this.#draw(), 100).unref();
    this.#draw();
  }

  #draw(): void {
    this.#frame += 1;
    const rows = this.#rowLines();
    const size = { columns: this.#output.columns, rows: Math.max(2, this.#output.rows - 1 - rows.length) };
    const lines = [...rows, ...[...this.#builds].flatMap((screen) => screen.lines(size))];
    if (lines.length === 0) return;
    this.#output.write(`${this.#erasing()}${lines.join('\n')}\n`);
    this.#drawn = lines.length;
  }

  #rowLines(): readonly string[] {
    const rows = [...this.#rows.values()];
    if (rows.length === 0) return [];
    const done = rows.filter(({ ended }) => ended !== undefined).length;
    const prefix = this.#options.dryRun ? 'DRY-RUN MODE - ' : '';
    return [
      `[+] ${prefix}Running ${done}/${rows.length}`,
      ...visibleRows(rows, Math.max(1, this.#output.rows - 2)).map((row) => this.#line(row)),
    ];
  }

  #line({ event, begun, ended }: Row): string {
    const seconds = (((ended ?? this.#options.now()) - begun) / 1000).toFixed(1);
    const detail = event.detail === undefined ? '' : ` ${event.detail}`;
    const indent = event.parent === undefined ? ' ' : '   ';
    const left = `${indent}${this.#mark(event)} ${event.id}`;
    const right = `${seconds}s `;
    const width = Math.max(20, this.#output.columns - 1);
    const middle = `  ${event.text}${detail}`;
    const text = `${left}${middle}`.slice(0, width - right.length - 1).padEnd(width - right.length);
    return this.#colored(event, `${text}${right}`);
  }

  #mark({ status }: ProgressEvent): string {
    return status === 'working' ? (frames[this.#frame % frames.length] ?? '') : marks[status];
  }

  #colored({ status }: ProgressEvent, text: string): string {
    return this.#options.color ? `\x1b[${colors[status]}m${text}\x1b[0m` : text;
  }

  #erasing(): string {
    return this.#drawn === 0 ? '' : `\x1b[${this.#drawn}A\x1b[J`;
  }
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const marks = { done: '✔', warning: '!', error: '✘' } as const;
const colors = { working: 34, done: 32, warning: 33, error: 31 } as const;
