import { setTimeout as delay } from 'node:timers/promises';
import { isTsmachineError } from '../../shared/errors.js';
import { RetryAfter } from './errors.js';

export interface RetryOptions {
  readonly tries: number;
  /** Before the second try; doubles with each. */
  readonly firstDelayMs: number;
  readonly signal: AbortSignal;
  /** Told before each wait. */
  readonly onRetry?: ((delayMs: number) => void) | undefined;
}

/** Tries again what failed with REGISTRY_UNREACHABLE; any other error, and the last one, is thrown. */
export async function retrying<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  for (let failures = 0; ; ) {
    try {
      return await work();
    } catch (error) {
      failures++;
      if (failures >= options.tries || !isWorthRetrying(error)) throw error;
      await waitBeforeRetry(failures, options, error);
    }
  }
}

/** A registry that does not want to be asked for longer than anybody waits is not asked again. */
export function isWorthRetrying(error: unknown): boolean {
  return (
    isTsmachineError(error) && error.code === 'REGISTRY_UNREACHABLE' && askedDelay(error) <= longestDelay
  );
}

const longestDelay = 120_000;

function askedDelay(error: unknown): number {
  return isTsmachineError(error) && error.cause instanceof RetryAfter ? error.cause.ms : 0;
}

/** As long as the registry asks for, if it does. */
export async function waitBeforeRetry(
  failures: number,
  options: RetryOptions,
  error: unknown,
): Promise<void> {
  const { signal } = options;
  signal.throwIfAborted();
  const delayMs = Math.max(options.firstDelayMs * 2 ** (failures - 1), askedDelay(error));
  options.onRetry?.(delayMs);
  await delay(delayMs, undefined, { signal }).catch((error) => {
    signal.throwIfAborted();
    throw error;
  });
}
