import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Writable, Writable as WritableStream } from 'node:stream';
import type { ExportTarget } from '../../../../build/session/receive-exports.js';
import { outputIsTerminal } from '../../errors.js';

/** Files that the results of a build are written to: there when they are whole, else not at all. */
export class OutputFiles implements AsyncDisposable {
  readonly #stdout: NodeJS.WriteStream;
  readonly #partial = new Map<string, string>();

  constructor(stdout: NodeJS.WriteStream) {
    this.#stdout = stdout;
  }

  /** Throws OUTPUT_IS_TERMINAL. */
  target(type: string, place: string): ExportTarget {
    if (type === 'local') return { kind: 'directory', path: resolve(place) };
    if (place !== '-') return { kind: 'file', open: async () => this.#file(resolve(place)) };
    if (this.#stdout.isTTY)
      throw outputIsTerminal('an archive', `name a file: --output type=${type},dest=FILE, or pipe it on`);
    return { kind: 'file', open: async () => leftOpen(this.#stdout) };
  }

  /** The build has succeeded. */
  async keep(): Promise<void> {
    for (const [path, partial] of this.#partial) {
      await rename(partial, path);
      this.#partial.delete(path);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const partial of this.#partial.values()) await rm(partial, { force: true });
  }

  #file(path: string): Writable {
    const partial = `${path}.partial-${process.pid}`;
    this.#partial.set(path, partial);
    return createWriteStream(partial);
  }
}

/** The process's own output is not ended with what is written to it. */
function leftOpen(output: NodeJS.WriteStream): Writable {
  return new WritableStream({
    write: (chunk, _, done) => void output.write(chunk, (error) => done(error)),
  });
}
