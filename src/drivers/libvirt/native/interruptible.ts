import type { CallOptions } from './libvirt.js';

export const defaultTimeoutMs = 60_000;

/**
 * Waits for work that cannot be stopped. Where the deadline passes or the signal is aborted first, the work goes on
 * and its outcome reaches nobody. Throws what `late` makes of the milliseconds, or the signal's reason.
 */
export async function interruptible<T>(
  work: Promise<T>,
  options: CallOptions,
  late: (timeoutMs: number) => Error,
): Promise<T> {
  const { signal, timeoutMs = defaultTimeoutMs } = options;
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(late(timeoutMs)), timeoutMs);
  const abort = () => reject(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}
