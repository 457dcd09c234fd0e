/** Does work in batches: what comes while one batch is being done goes together into the next. */
export class BatchRunner<T> {
  readonly #work: (items: readonly T[]) => Promise<void>;
  #pending: T[] = [];
  #next: Promise<void> | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(work: (items: readonly T[]) => Promise<void>) {
    this.#work = work;
  }

  /** Resolves or rejects with the batch that the items are in. */
  add(...items: readonly T[]): Promise<void> {
    this.#pending.push(...items);
    this.#next ??= this.#last.then(() => this.#run());
    this.#last = this.#next.catch(() => {});
    return this.#next;
  }

  /** When everything that was added until now is done, well or not. */
  settled(): Promise<void> {
    return this.#last;
  }

  async #run(): Promise<void> {
    const items = this.#pending;
    this.#pending = [];
    this.#next = undefined;
    await this.#work(items);
  }
}
