/** Things by name, of which one may be asked for a moment before it is there. */
export class Rendezvous<T> {
  readonly #there = new Map<string, T>();
  readonly #awaited = new Map<string, Set<(thing: T) => void>>();
  readonly #patienceMs: number;
  readonly #missing: (name: string) => Error;

  constructor(patienceMs: number, missing: (name: string) => Error) {
    this.#patienceMs = patienceMs;
    this.#missing = missing;
  }

  put(name: string, thing: T): void {
    this.#there.set(name, thing);
    for (const take of this.#awaited.get(name) ?? []) take(thing);
  }

  /** Another of the same name stays. */
  remove(name: string, thing: T): void {
    if (this.#there.get(name) === thing) this.#there.delete(name);
  }

  /** Throws `missing` when it does not come in time. */
  async get(name: string, signal: AbortSignal): Promise<T> {
    const found = this.#there.get(name);
    if (found !== undefined) return found;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const waiting = this.#awaited.get(name) ?? new Set();
    this.#awaited.set(name, waiting.add(resolve));
    const late = AbortSignal.any([signal, AbortSignal.timeout(this.#patienceMs)]);
    const leave = (): void => reject(signal.aborted ? signal.reason : this.#missing(name));
    late.addEventListener('abort', leave);
    try {
      late.throwIfAborted();
      return await promise;
    } finally {
      late.removeEventListener('abort', leave);
      waiting.delete(resolve);
      if (waiting.size === 0) this.#awaited.delete(name);
    }
  }
}
