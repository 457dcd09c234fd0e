import { formatBytesFinely } from '../../../shared/bytes.js';

const everyMs = 100;

/** Says how much of the context was sent: as it goes on a terminal, and once when all was. */
export class ContextMeter {
  readonly #output: NodeJS.WriteStream | undefined;
  #bytes = 0;
  #shownAt = 0;
  #state: 'unused' | 'sending' | 'sent' | 'ended' = 'unused';

  constructor(output: NodeJS.WriteStream | undefined) {
    this.#output = output;
  }

  async *measure(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    this.#state = 'sending';
    for await (const chunk of chunks) {
      this.#bytes += chunk.length;
      if (this.#output?.isTTY && performance.now() - this.#shownAt > everyMs) this.#show();
      yield chunk;
    }
    this.#show();
    this.#state = 'sent';
    this.end();
  }

  /** The line is finished: what comes next is the build's. */
  end(): void {
    if (this.#state === 'sent') this.#output?.write('\r\n');
    if (this.#state !== 'unused') this.#state = 'ended';
  }

  #show(): void {
    if (this.#state === 'ended') return;
    this.#shownAt = performance.now();
    this.#output?.write(`Sending build context to Docker daemon  ${formatBytesFinely(this.#bytes)}\r`);
  }
}
