import type { Progress, ProgressEvent } from '../../compose/engine/progress.js';
import { type BuildDisplay, silentDisplay } from '../docker/build/progress/display.js';
import { PlainDisplay } from '../docker/build/progress/plain-display.js';
import { RawDisplay } from '../docker/build/progress/raw-display.js';

export interface TextOutput {
  write(text: string): unknown;
}

/** A line for each event, as Docker Compose prints them where there is no terminal. */
export class PlainProgress implements Progress {
  readonly #output: TextOutput;
  readonly #prefix: string;

  constructor(output: TextOutput, options: { readonly dryRun: boolean }) {
    this.#output = output;
    this.#prefix = options.dryRun ? ' DRY-RUN MODE - ' : '';
  }

  event({ id, parent, text, detail }: ProgressEvent): void {
    if (detail === undefined && parent === undefined) this.#output.write(`${this.#prefix} ${id}  ${text}\n`);
  }

  warn(message: string): void {
    this.print(`warning: ${message}\n`);
  }

  print(text: string): void {
    this.#output.write(text);
  }

  builds(): BuildDisplay {
    return new PlainDisplay(this.#output);
  }

  close(): void {}
}

/** An object for each event. */
export class JsonProgress implements Progress {
  readonly #output: TextOutput;

  constructor(output: TextOutput) {
    this.#output = output;
  }

  event({ id, parent, status, text, detail }: ProgressEvent): void {
    this.#line({ id, parent_id: parent, status: names[status], text, details: detail });
  }

  warn(message: string): void {
    this.#line({ level: 'warning', message });
  }

  print(text: string): void {
    if (text.trim() !== '') this.#line({ text: text.trimEnd() });
  }

  builds(): BuildDisplay {
    return new RawDisplay(this.#output);
  }

  close(): void {}

  #line(value: object): void {
    this.#output.write(`${JSON.stringify(value)}\n`);
  }
}

const names = { working: 'Working', done: 'Done', warning: 'Warning', error: 'Error' } as const;

/** Only warnings. */
export class QuietProgress extends PlainProgress {
  override event(): void {}

  override builds(): BuildDisplay {
    return silentDisplay;
  }

  override print(text: string): void {
    if (text.startsWith('warning: ')) super.print(text);
  }
}
