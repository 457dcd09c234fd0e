import { type Clock, systemClock } from '../../shared/clock.js';

export interface PacedWorkOptions {
  /** The part of the time that the work may take. */
  readonly share: number;
  readonly clock?: Clock;
}

/**
 * Does work at once when it is asked for, and rests after it: however often it is asked for, it takes no more than its
 * share of the time. What is asked for meanwhile is done once, after the rest.
 */
export class PacedWork implements Disposable {
  readonly #work: () => Promise<void>;
  readonly #share: number;
  readonly #clock: Clock;
  readonly #end = new AbortController();
  #isBusy = false;
  #isAsked = false;

  /** `work` must not reject. */
  constructor(work: () => Promise<void>, { share, clock = systemClock }: PacedWorkOptions) {
    this.#work = work;
    this.#share = share;
    this.#clock = clock;
  }

  ask(): void {
    this.#isAsked = true;
    if (!this.#isBusy) void this.#run();
  }

  [Symbol.dispose](): void {
    this.#end.abort();
  }

  async #run(): Promise<void> {
    const { signal } = this.#end;
    this.#isBusy = true;
    while (this.#isAsked && !signal.aborted) {
      this.#isAsked = false;
      const began = this.#clock.now();
      await this.#work();
      const took = this.#clock.now() - began;
      await this.#clock.sleep(Math.min(took / this.#share, longestMs), signal).catch(() => {});
    }
    this.#isBusy = false;
  }
}

const longestMs = 15_000;
