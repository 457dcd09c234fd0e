import { LogWindow } from './log-window.js';

/** Of a step that fails the last lines are shown again. */
const mostKept = 100;

/** What a step says, cut into lines with the seconds since it began. Of what was taken only the end is kept. */
export class StepOutput {
  readonly window = new LogWindow();
  readonly #kept: string[] = [];
  #fresh: string[] = [];
  #open = '';

  add(text: string, seconds: number): void {
    this.window.add(text);
    const lines = text.split('\n');
    for (const [at, line] of lines.entries()) {
      if (line !== '' && this.#open === '') this.#open = `${seconds.toFixed(3)} `;
      this.#open += line.replace(/\r$/, '');
      if (at < lines.length - 1) this.#push(this.#open || seconds.toFixed(3));
    }
  }

  /** A last line without its end is one, too. */
  end(): void {
    if (this.#open !== '') this.#push(this.#open);
  }

  /** Whole lines since the last call. */
  takeLines(): readonly string[] {
    const lines = this.#fresh;
    this.#fresh = [];
    return lines;
  }

  get tail(): readonly string[] {
    return this.#kept;
  }

  #push(line: string): void {
    this.#open = '';
    this.#fresh.push(line);
    this.#kept.push(line);
    if (this.#kept.length > mostKept) this.#kept.shift();
  }
}
