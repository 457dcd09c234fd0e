import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { errorMessage } from '../shared/errors.js';
import type { Logger } from '../shared/logger.js';
import { releaseFreeHeap, releaseProgramPages } from './kernel/resident-memory.js';

/**
 * Gives memory back when work has ended: what is garbage, what the C library keeps, and the pages of the program that
 * only the work needed. An agent that waits for days should not hold what its start took.
 */
export class IdleMemory implements Disposable {
  readonly #timer: NodeJS.Timeout;
  readonly #log: Logger;
  #used = process.cpuUsage();
  #hasWorked = true;

  constructor(log: Logger) {
    this.#log = log;
    this.#timer = setInterval(() => this.#look(), INTERVAL_MS).unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { user, system } = process.cpuUsage(this.#used);
    this.#used = process.cpuUsage();
    const works = user + system > BUSY_MICROSECONDS;
    if (this.#hasWorked && !works) this.#release();
    this.#hasWorked = works;
  }

  #release(): void {
    try {
      collectGarbage();
      releaseFreeHeap();
      releaseProgramPages();
    } catch (error) {
      this.#log.warn('memory is not given back', { error: errorMessage(error) });
    }
    this.#used = process.cpuUsage(); // that was no work
  }
}

const INTERVAL_MS = 1_000;
/** Of one interval: more than timers take. */
const BUSY_MICROSECONDS = 30_000;

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  if (typeof gc === 'function') gc();
}
