/** A deadline for machines: the time that people take to answer questions does not count. */
export class PausableDeadline implements Disposable {
  readonly #aborter = new AbortController();
  #leftMs: number;
  #runningSince = 0;
  #timer: NodeJS.Timeout | undefined;
  #pauses = 0;

  constructor(milliseconds: number) {
    this.#leftMs = milliseconds;
    this.#run();
  }

  /** Aborted with a TimeoutError, as by AbortSignal.timeout. */
  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  async pausedFor<T>(work: () => Promise<T>): Promise<T> {
    this.#pauses += 1;
    if (this.#pauses === 1) {
      clearTimeout(this.#timer);
      this.#leftMs -= performance.now() - this.#runningSince;
    }
    try {
      return await work();
    } finally {
      this.#pauses -= 1;
      if (this.#pauses === 0) this.#run();
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#pauses = Number.POSITIVE_INFINITY; // nothing may start it again
  }

  #run(): void {
    this.#runningSince = performance.now();
    const expire = () => this.#aborter.abort(new DOMException('The operation timed out', 'TimeoutError'));
    this.#timer = setTimeout(expire, Math.max(1, this.#leftMs)).unref();
  }
}
