import { stripVTControlCharacters } from 'node:util';

const mostLines = 6;

/** The last lines of a step's output, as a terminal that is a few lines high would show them. */
export class LogWindow {
  readonly #lines: string[] = [];
  #rest = '';

  add(text: string): void {
    const lines = `${this.#rest}${text}`.split('\n');
    this.#rest = lines.pop() ?? '';
    this.#lines.push(...lines.slice(-mostLines).map(visible));
    this.#lines.splice(0, Math.max(0, this.#lines.length - mostLines));
  }

  get lines(): readonly string[] {
    const open = visible(this.#rest);
    return [...this.#lines, ...(open === '' ? [] : [open])].slice(-mostLines);
  }
}

/** What is left on the line after carriage returns. */
function visible(line: string): string {
  const plain = stripVTControlCharacters(line).replaceAll('\t', '    ').replace(/\r+$/, '');
  return plain.slice(plain.lastIndexOf('\r') + 1).replaceAll(/\p{Cc}/gu, '');
}
