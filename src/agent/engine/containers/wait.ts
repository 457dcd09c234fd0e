import type { WaitCondition, WaitResponse } from '../../../api/container.js';
import { invalidCondition } from '../errors.js';
import type { Container, ExitResult } from './container.js';

/** Throws WAIT_CONDITION_INVALID. */
export function parseCondition(text: string | undefined): WaitCondition {
  switch (text) {
    case undefined:
    case 'not-running':
      return 'not-running';
    case 'next-exit':
    case 'removed':
      return text;
    default:
      throw invalidCondition(text);
  }
}

/**
 * Begins to wait at once, so that no end is missed, and resolves when the condition holds; never, when the signal
 * is aborted. A removal fulfils every condition; as with Docker, so does the end of a run after which the container is
 * restarted, but for `removed`.
 */
export function waitFor(
  container: Container,
  condition: WaitCondition,
  signal: AbortSignal,
): Promise<WaitResponse> {
  const { state } = container.record;
  if (condition === 'not-running' && !container.running && state.status !== 'restarting') {
    return Promise.resolve({ StatusCode: state.exitCode });
  }
  const { promise, resolve } = Promise.withResolvers<WaitResponse>();
  const finish = (result: ExitResult): void => {
    forget();
    resolve({
      StatusCode: result.exitCode,
      ...(result.error && { Error: { Message: result.error } }),
    });
  };
  const events = condition === 'removed' ? (['removed'] as const) : (['exit', 'stopped', 'removed'] as const);
  const forget = (): void => {
    for (const event of events) container.events.off(event, finish);
  };
  for (const event of events) container.events.once(event, finish);
  signal.addEventListener('abort', forget);
  return promise;
}
