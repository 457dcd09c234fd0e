import type { StatusUpdate } from '../../../../build/solve/solve.js';
import { BuildTrace, type TracedVertex } from './build-trace.js';
import type { BuildDisplay, TextOutput } from './display.js';
import { itemSeconds, itemText } from './item-text.js';
import { failureLines, warningLines } from './summary.js';

export interface TerminalOutput extends TextOutput {
  readonly columns: number;
  readonly rows: number;
}

export interface TerminalDisplayOptions {
  readonly color: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

const everyMs = 100;

/** Redraws a line for each step, with its time, what is counted in it and the last lines that it has said. */
export class TerminalDisplay implements BuildDisplay {
  readonly #output: TerminalOutput;
  readonly #options: TerminalDisplayOptions;
  readonly #trace = new BuildTrace();
  readonly #begun: number;
  #drawn = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(output: TerminalOutput, options: TerminalDisplayOptions) {
    this.#output = output;
    this.#options = options;
    this.#begun = options.now();
  }

  update(update: StatusUpdate, scope?: string): void {
    for (const vertex of this.#trace.take(update, scope)) vertex.output.takeLines(); // the window shows them
    if (this.#timer) return;
    this.#timer = setInterval(() => this.#draw(), everyMs).unref();
    this.#draw();
  }

  close(): void {
    clearInterval(this.#timer);
    if (this.#trace.vertices.length > 0) this.#draw(true);
    this.#drawn = 0;
    const lines = [...failureLines(this.#trace.vertices), ...warningLines(this.#trace.warnings)];
    if (lines.length > 0) this.#output.write(`${lines.join('\n')}\n`);
  }

  #draw(isLast = false): void {
    const { vertices } = this.#trace;
    const blocks = vertices.filter(({ started, completed }) => (started ?? completed) !== undefined);
    const done = vertices.filter(({ completed }) => completed !== undefined).length;
    const seconds = ((this.#options.now() - this.#begun) / 1000).toFixed(1);
    const header = `[+] Building ${seconds}s (${done}/${vertices.length})${isLast ? ' FINISHED' : ''}`;
    const room = isLast ? Infinity : Math.max(1, this.#output.rows - 2);
    const lines = [this.#fitted(header), ...this.#lines(blocks, room)];
    this.#output.write(`${this.#erasing()}${lines.join('\n')}\n`);
    this.#drawn = lines.length;
  }

  /** More lines than the screen has could not be overwritten: then what is over makes room. */
  #lines(vertices: readonly TracedVertex[], room: number): readonly string[] {
    const blocks = vertices.map((vertex) => ({ vertex, lines: this.#block(vertex) }));
    const total = blocks.reduce((sum, { lines }) => sum + lines.length, 0);
    if (total <= room) return blocks.flatMap(({ lines }) => lines);
    const short = blocks.map(({ vertex, lines }) =>
      vertex.completed === undefined ? lines : lines.slice(0, 1),
    );
    return short.flat().slice(-room);
  }

  #block(vertex: TracedVertex): readonly string[] {
    const now = this.#options.now();
    const text = ` => ${wordFor(vertex)}${vertex.name}`;
    const color = colorOf(vertex);
    const items = [...vertex.items.values()].map((item) =>
      this.#timed(
        ` => => ${itemText(item)}`,
        itemSeconds(item),
        item.completed === undefined ? undefined : color,
      ),
    );
    const isRunning = vertex.completed === undefined;
    const window = isRunning ? vertex.output.window.lines : [];
    const logs = window.map((line) => this.#painted(this.#fitted(` => => # ${line}`), 'dim'));
    return [this.#timed(text, vertex.seconds(now), isRunning ? undefined : color), ...items, ...logs];
  }

  #timed(text: string, seconds: number, color: Color | undefined): string {
    const time = `${seconds.toFixed(1)}s`;
    const width = this.#width - time.length - 1;
    const oneLine = text.replaceAll(/\s+/g, (blank) => (blank.includes('\n') ? ' ' : blank));
    const left = oneLine.length > width ? `${oneLine.slice(0, Math.max(0, width - 2))}..` : oneLine;
    return this.#painted(`${left.padEnd(width)} ${time}`, color);
  }

  #fitted(text: string): string {
    return text.slice(0, this.#width);
  }

  /** Without the last column, in which some terminals begin a new line. */
  get #width(): number {
    return Math.max(20, this.#output.columns - 1);
  }

  #painted(text: string, color: Color | undefined): string {
    return this.#options.color && color ? `\x1b[${colors[color]}m${text}\x1b[0m` : text;
  }

  #erasing(): string {
    return this.#drawn === 0 ? '' : `\x1b[${this.#drawn}A\x1b[J`;
  }
}

type Color = keyof typeof colors;
const colors = { done: 34, canceled: 33, error: 31, dim: 2 } as const;

function colorOf(vertex: TracedVertex): Color {
  if (vertex.isCanceled) return 'canceled';
  return vertex.error === '' ? 'done' : 'error';
}

function wordFor(vertex: TracedVertex): string {
  if (vertex.isCanceled) return 'CANCELED ';
  if (vertex.error !== '') return 'ERROR ';
  return vertex.isCached ? 'CACHED ' : '';
}
