import type { ProgressMessage } from '../../api/progress.js';
import { formatBytesFinely } from '../../shared/bytes.js';

export interface ProgressOutput {
  write(text: string): void;
  /** Undefined when the output is no terminal: then bars are left out. */
  readonly columns: number | undefined;
}

const control = '\u001b[';

/**
 * Prints the progress of pull, push and load as docker does: on a terminal one line for each layer, rewritten in
 * place; elsewhere plain lines without bars.
 */
export class ProgressRenderer {
  readonly #output: ProgressOutput;
  /** Of each ID the line it has, counted from the first. */
  #lines = new Map<string, number>();

  constructor(output: ProgressOutput) {
    this.#output = output;
  }

  show(message: ProgressMessage): void {
    if (message.aux !== undefined) return;
    const { id = '', progressDetail } = message;
    if (this.#output.columns === undefined) this.#showPlain(message);
    else if (id !== '' && progressDetail !== undefined) this.#showInPlace(id, message);
    else {
      this.#lines = new Map(); // what is printed below cannot be rewritten any more
      this.#output.write(textOf(message));
    }
  }

  #showPlain(message: ProgressMessage): void {
    if (progressBar(message.progressDetail, 0) === '') this.#output.write(textOf(message));
  }

  #showInPlace(id: string, message: ProgressMessage): void {
    let line = this.#lines.get(id);
    if (line === undefined) {
      line = this.#lines.size;
      this.#lines.set(id, line);
      this.#output.write('\n');
    }
    const distance = this.#lines.size - line;
    const bar = progressBar(message.progressDetail, this.#output.columns ?? 0);
    const text = `${id}: ${message.status ?? ''} ${bar}`;
    this.#output.write(`${control}${distance}A${control}2K\r${text}\r${control}${distance}B`);
  }
}

/** "[=====>      ]  1.2MB/3.4MB"; the bar only where there is room for it; empty without numbers. */
export function progressBar(detail: ProgressMessage['progressDetail'], columns: number): string {
  const { current = 0, total = 0 } = detail ?? {};
  if (current <= 0 && total <= 0) return '';
  const done = formatBytesFinely(current).padStart(8);
  if (total <= 0) return done;
  const filled = Math.min(50, Math.floor(Math.floor((current / total) * 100) / 2));
  const bar = columns > 110 ? `[${'='.repeat(filled)}>${' '.repeat(50 - filled)}] ` : '';
  return `${bar}${current > total ? done : `${done}/${formatBytesFinely(total)}`}`;
}

function textOf({ id = '', status = '', stream = '' }: ProgressMessage): string {
  if (stream !== '') return stream;
  return `${id === '' ? '' : `${id}: `}${status}\n`;
}
