/** What a refused session means: try with fewer at once, try the same again in a moment, or give up. */
export type Refusal = 'fewer' | 'later' | 'never';

/** The right to open one session. Every slot is to be freed, once. */
export interface SessionSlot {
  /** The server has opened the session. */
  opened(): void;
  /** The server has refused it; the slot is free after this. */
  refused(): Refusal;
  free(): void;
}

/**
 * How many sessions are open at once: ten, which is what sshd allows (MaxSessions), fewer once a server has
 * refused one. Waiters are served in the order they came.
 *
 * A server counts a session until it has reaped its process, some time after the client saw the session close. So
 * a refusal below a number that was open before says nothing of its limit: it has to be asked again.
 */
export class SessionSlots {
  #limit = 10;
  #taken = 0;
  #open = 0;
  /** The most that were open at once. */
  #proved = 0;
  readonly #waiting: (() => void)[] = [];

  /** Resolves when there is room; rejects with the signal's reason. */
  async take(signal: AbortSignal): Promise<SessionSlot> {
    signal.throwIfAborted();
    if (this.#taken < this.#limit) this.#taken += 1;
    else await this.#turn(signal);
    return this.#slot();
  }

  async #turn(signal: AbortSignal): Promise<void> {
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

  #slot(): SessionSlot {
    let open = false;
    const free = () => {
      if (open) this.#open -= 1;
      this.#free();
    };
    return {
      opened: () => {
        open = true;
        this.#open += 1;
        this.#proved = Math.max(this.#proved, this.#open);
      },
      refused: () => {
        const refusal = this.#refusal();
        free();
        return refusal;
      },
      free,
    };
  }

  #refusal(): Refusal {
    if (this.#open < this.#proved) return 'later';
    if (this.#taken <= 1) return 'never';
    this.#limit = Math.max(1, Math.min(this.#limit, this.#taken) - 1);
    return 'fewer';
  }

  /** Passes the place on to who waits longest. */
  #free(): void {
    this.#taken -= 1;
    if (this.#taken >= this.#limit) return;
    const next = this.#waiting.shift();
    if (!next) return;
    this.#taken += 1;
    next();
  }
}
