/**
 * How many sessions are open at once: ten, which is what sshd allows (MaxSessions), fewer once a server has
 * refused one. Waiters are served in the order they came.
 */
export class SessionSlots {
  #limit = 10;
  #taken = 0;
  readonly #waiting: (() => void)[] = [];

  /** Resolves when there is room; rejects with the signal's reason. Every `take` needs a `free`. */
  async take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#taken < this.#limit) {
      this.#taken += 1;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = () => {
      this.#waiting.splice(this.#waiting.indexOf(resolve), 1);
      reject(signal.reason);
    };
    signal.addEventListener('abort', leave, { once: true });
    this.#waiting.push(resolve);
    await promise;
    signal.removeEventListener('abort', leave);
  }

  free(): void {
    this.#taken -= 1;
    if (this.#taken >= this.#limit) return;
    const next = this.#waiting.shift();
    if (!next) return;
    this.#taken += 1;
    next();
  }

  /** The server refused a session: one fewer from now on. False when there cannot be fewer. */
  shrink(): boolean {
    if (this.#taken <= 1) return false;
    this.#limit = Math.max(1, Math.min(this.#limit, this.#taken) - 1);
    return true;
  }
}
