import type { StatusUpdate } from '../../../../build/solve/solve.js';
import { BuildTrace, type TracedItem, type TracedVertex } from './build-trace.js';
import type { BuildDisplay, TextOutput } from './display.js';
import { itemSeconds, itemText } from './item-text.js';
import { failureLines, warningLines } from './summary.js';

/** Others may speak when a step has been silent for this long. */
const patienceMs = 400;
/** What is counted is told this often while it goes on. */
const itemMs = 5_000;

/** Lines that begin with the number of their step, one step at a time as far as others can wait. */
export class PlainDisplay implements BuildDisplay {
  readonly #output: TextOutput;
  readonly #trace = new BuildTrace();
  readonly #now: () => number;
  readonly #printed = new Map<TracedVertex, Printed>();
  readonly #waiting = new Set<TracedVertex>();
  #current: TracedVertex | undefined;
  #spokeAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(output: TextOutput, now = () => performance.now()) {
    this.#output = output;
    this.#now = now;
  }

  update(update: StatusUpdate, scope?: string): void {
    for (const vertex of this.#trace.take(update, scope)) {
      if (vertex.started !== undefined || vertex.completed !== undefined) this.#waiting.add(vertex);
    }
    this.#timer ??= setInterval(() => this.#print(), patienceMs).unref();
    this.#print();
  }

  close(): void {
    clearInterval(this.#timer);
    for (const vertex of this.#waiting) this.#speak(vertex);
    const lines = [...failureLines(this.#trace.vertices), ...warningLines(this.#trace.warnings)];
    if (lines.length > 0) this.#output.write(`${lines.join('\n')}\n`);
  }

  /** The current step goes on; when it is over or says nothing, the others have their turn. */
  #print(): void {
    if (this.#current && this.#waiting.has(this.#current)) this.#speak(this.#current);
    for (const vertex of [...this.#waiting]) {
      const isFree = !this.#current || this.#current.completed !== undefined;
      if (isFree || vertex.completed !== undefined || this.#now() - this.#spokeAt > patienceMs)
        this.#speak(vertex);
    }
  }

  #speak(vertex: TracedVertex): void {
    this.#waiting.delete(vertex);
    const printed = this.#printed.get(vertex) ?? new Printed(this.#printed.size + 1);
    this.#printed.set(vertex, printed);
    const lines = printed.news(vertex);
    if (lines.length === 0 && this.#current === vertex) return;
    if (this.#current !== vertex) {
      const before = this.#current;
      const left =
        before && before.completed === undefined ? [`#${this.#printed.get(before)?.number} ...`] : [];
      lines.unshift(...left, ...(before ? [''] : []), `#${printed.number} ${vertex.name}`);
    }
    this.#current = vertex;
    this.#spokeAt = this.#now();
    this.#output.write(`${lines.join('\n')}\n`);
  }
}

/** What was said of a step. */
class Printed {
  readonly number: number;
  #isOver = false;
  readonly #items = new Map<string, { readonly at: number; readonly isDone: boolean }>();

  constructor(number: number) {
    this.number = number;
  }

  news(vertex: TracedVertex): string[] {
    const lines = [...this.#itemLines(vertex), ...vertex.output.takeLines()];
    if (vertex.completed !== undefined && !this.#isOver) {
      this.#isOver = true;
      lines.push(endOf(vertex));
    }
    return lines.map((line) => `#${this.number} ${line}`);
  }

  *#itemLines({ items, completed }: TracedVertex): Generator<string> {
    for (const item of items.values()) {
      const isDone = item.completed !== undefined || completed !== undefined;
      const known = this.#items.get(item.id);
      const at = item.timestamp ?? 0;
      const isDue = isDone || at - (known?.at ?? item.started ?? at) > itemMs;
      if (known?.isDone || !isDue) continue;
      this.#items.set(item.id, { at, isDone });
      yield itemLine(item);
    }
  }
}

function itemLine(item: TracedItem): string {
  const seconds = itemSeconds(item);
  const time = seconds >= 0.05 ? ` ${seconds.toFixed(1)}s` : '';
  return `${itemText(item)}${time}${item.completed === undefined ? '' : ' done'}`;
}

function endOf(vertex: TracedVertex): string {
  if (vertex.isCanceled) return 'CANCELED';
  if (vertex.error !== '') return `ERROR: ${vertex.error}`;
  return vertex.isCached ? 'CACHED' : `DONE ${vertex.seconds(0).toFixed(1)}s`;
}
