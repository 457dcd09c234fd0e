import type { StatusUpdate } from '../../../../build/solve/solve.js';
import { BuildTrace, type TracedVertex } from './build-trace.js';
import { itemSeconds, itemText } from './item-text.js';
import { failureLines, warningLines } from './summary.js';

export interface ScreenOptions {
  readonly color: boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface ScreenSize {
  readonly columns: number;
  /** Lines that may be used; more could not be overwritten. */
  readonly rows: number;
}

/** A line for each step, with its time, what is counted in it and the last lines that it has said. */
export class BuildScreen {
  readonly #options: ScreenOptions;
  readonly #trace = new BuildTrace();
  readonly #begun: number;

  constructor(options: ScreenOptions) {
    this.#options = options;
    this.#begun = options.now();
  }

  update(update: StatusUpdate, scope?: string): void {
    for (const vertex of this.#trace.take(update, scope)) vertex.output.takeLines(); // the window shows them
  }

  lines({ columns, rows }: ScreenSize, isLast = false): readonly string[] {
    const { vertices } = this.#trace;
    if (vertices.length === 0) return [];
    const begun = vertices.filter(({ started, completed }) => (started ?? completed) !== undefined);
    const done = vertices.filter(({ completed }) => completed !== undefined).length;
    const seconds = ((this.#options.now() - this.#begun) / 1000).toFixed(1);
    const header = `[+] Building ${seconds}s (${done}/${vertices.length})${isLast ? ' FINISHED' : ''}`;
    const width = Math.max(20, columns - 1); // in the last column some terminals begin a new line
    const room = isLast ? Infinity : Math.max(1, rows - 1);
    return [header.slice(0, width), ...this.#fitting(begun, width, room)];
  }

  /** What failed, and warnings. */
  summary(): readonly string[] {
    return [...failureLines(this.#trace.vertices), ...warningLines(this.#trace.warnings)];
  }

  /** Where there is too little room, what is over makes some. */
  #fitting(vertices: readonly TracedVertex[], width: number, room: number): readonly string[] {
    const blocks = vertices.map((vertex) => ({ vertex, lines: this.#block(vertex, width) }));
    const total = blocks.reduce((sum, { lines }) => sum + lines.length, 0);
    if (total <= room) return blocks.flatMap(({ lines }) => lines);
    const short = blocks.map(({ vertex, lines }) =>
      vertex.completed === undefined ? lines : lines.slice(0, 1),
    );
    return short.flat().slice(-room);
  }

  #block(vertex: TracedVertex, width: number): readonly string[] {
    const isRunning = vertex.completed === undefined;
    const color = colorOf(vertex);
    const paint = (text: string, paints: Color | undefined) =>
      this.#options.color && paints ? `\x1b[${colors[paints]}m${text}\x1b[0m` : text;
    const name = timed(` => ${wordFor(vertex)}${vertex.name}`, vertex.seconds(this.#options.now()), width);
    const items = [...vertex.items.values()].map((item) =>
      paint(
        timed(` => => ${itemText(item)}`, itemSeconds(item), width),
        item.completed === undefined ? undefined : color,
      ),
    );
    const said = isRunning ? vertex.output.window.lines : [];
    const logs = said.map((line) => paint(` => => # ${line}`.slice(0, width), 'dim'));
    return [paint(name, isRunning ? undefined : color), ...items, ...logs];
  }
}

type Color = keyof typeof colors;
const colors = { done: 34, canceled: 33, error: 31, dim: 2 } as const;

function timed(text: string, seconds: number, columns: number): string {
  const time = `${seconds.toFixed(1)}s`;
  const width = columns - time.length - 1;
  const oneLine = text.replaceAll(/\s*\n\s*/g, ' ');
  const left = oneLine.length > width ? `${oneLine.slice(0, Math.max(0, width - 2))}..` : oneLine;
  return `${left.padEnd(width)} ${time}`;
}

function colorOf(vertex: TracedVertex): Color {
  if (vertex.isCanceled) return 'canceled';
  return vertex.error === '' ? 'done' : 'error';
}

function wordFor(vertex: TracedVertex): string {
  if (vertex.isCanceled) return 'CANCELED ';
  if (vertex.error !== '') return 'ERROR ';
  return vertex.isCached ? 'CACHED ' : '';
}
