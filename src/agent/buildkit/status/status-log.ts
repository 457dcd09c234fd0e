import type { statusResponse } from '../../../buildkit/wire/control.js';

/** One message of a build's status, without what is empty. */
export type StatusUpdate = Parameters<(typeof statusResponse)['encode']>[0];

/** Output that waits for a reader beyond this makes those who write it wait. */
const mostWaiting = 1024 * 1024;
/** More output than this is not kept for a reader who may never come. */
const mostUnread = 2 * 1024 * 1024;

/** How a build goes, in messages for one reader, who may come late. */
export class StatusLog {
  #waiting: StatusUpdate[] = [];
  #waitingBytes = 0;
  #hasReader = false;
  #isClipped = false;
  #isClosed = false;
  #wake: () => void = () => {};
  #room = Promise.withResolvers<void>();

  tell(update: StatusUpdate): void {
    if (this.#isClosed) return;
    this.#waiting.push(update);
    this.#wake();
  }

  /** Output of a command; resolves when more can be taken. */
  async write(vertex: string, stream: 1 | 2, data: Uint8Array, timestamp: Timestamp): Promise<void> {
    if (!this.#hasReader && this.#waitingBytes > mostUnread) {
      if (this.#isClipped) return;
      this.#isClipped = true;
      const msg = Buffer.from('[output clipped, log limit 2MiB reached]\n');
      return this.tell({ logs: [{ vertex, stream, msg, timestamp }] });
    }
    this.#waitingBytes += data.length;
    this.tell({ logs: [{ vertex, stream, msg: data, timestamp }] });
    if (this.#hasReader && this.#waitingBytes > mostWaiting) await this.#room.promise;
  }

  /** Nothing more is told; readers get what there is and then the end. */
  close(): void {
    this.#isClosed = true;
    this.#hasReader = false;
    this.#wake();
    this.#room.resolve();
  }

  async *read(signal: AbortSignal): AsyncGenerator<StatusUpdate> {
    this.#hasReader = !this.#isClosed;
    const leave = (): void => this.#wake();
    signal.addEventListener('abort', leave);
    try {
      while (!signal.aborted) {
        if (this.#waiting.length > 0) yield this.#take();
        else if (this.#isClosed) return;
        else await this.#news();
      }
    } finally {
      signal.removeEventListener('abort', leave);
      this.#hasReader = false;
      this.#room.resolve();
    }
  }

  /** As many as there are, in one message; the client tells their order by their times. */
  #take(): StatusUpdate {
    const updates = this.#waiting.splice(0, 500);
    const logs = updates.flatMap((update) => update.logs ?? []);
    this.#waitingBytes -= logs.reduce((sum, { msg }) => sum + (msg?.length ?? 0), 0);
    this.#room.resolve();
    this.#room = Promise.withResolvers();
    return {
      vertexes: updates.flatMap((update) => update.vertexes ?? []),
      statuses: updates.flatMap((update) => update.statuses ?? []),
      logs,
      warnings: updates.flatMap((update) => update.warnings ?? []),
    };
  }

  #news(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    return promise;
  }
}

type Timestamp = { readonly seconds: number; readonly nanos: number };
