import { connectionLost } from './errors.js';

/** Messages that may wait before those who put them in have to. */
const mostWaiting = 16;

/** Messages of several writers on their way to one reader. */
export class Outbox {
  readonly #waiting: Uint8Array[] = [];
  #isClosed = false;
  #news = Promise.withResolvers<void>();
  #room = Promise.withResolvers<void>();

  /** Resolves when there is room for another. Throws GRPC_CONNECTION_LOST when nobody reads any more. */
  async put(message: Uint8Array): Promise<void> {
    if (this.#isClosed) throw connectionLost();
    this.#waiting.push(message);
    this.#news.resolve();
    while (this.#waiting.length >= mostWaiting && !this.#isClosed) await this.#room.promise;
  }

  /** What was put in before is still read. */
  close(): void {
    this.#isClosed = true;
    this.#news.resolve();
    this.#room.resolve();
  }

  async *take(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const message = this.#waiting.shift();
      if (message !== undefined) {
        this.#room.resolve();
        this.#room = Promise.withResolvers();
        yield message;
      } else if (this.#isClosed) return;
      else {
        this.#news = Promise.withResolvers();
        await this.#news.promise;
      }
    }
  }
}
