import { type Clock, systemClock } from './clock.js';
import { TsmachineError } from './errors.js';

export interface WaitOptions {
  /** Completes the sentence "timed out after 30s waiting for …". */
  readonly what: string;
  readonly timeoutMs: number;
  readonly intervalMs?: number;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock;
  /** What was last seen, for the message of the timeout. */
  readonly lastSeen?: () => string | undefined;
}

/** Asks `probe` until it answers something other than undefined. Throws WAIT_TIMEOUT, or the signal's reason. */
export async function waitUntil<T>(probe: () => Promise<T | undefined>, options: WaitOptions): Promise<T> {
  const { what, timeoutMs, intervalMs = 200, signal, clock = systemClock } = options;
  const deadline = clock.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    const answer = await probe();
    if (answer !== undefined) return answer;
    if (clock.now() >= deadline) {
      const seen = options.lastSeen?.();
      throw new TsmachineError(
        'deadline-exceeded',
        'WAIT_TIMEOUT',
        `timed out after ${timeoutMs / 1000}s waiting for ${what}${seen ? ` (last seen: ${seen})` : ''}`,
      );
    }
    await clock.sleep(intervalMs, signal);
  }
}
