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
 * is aborted. A removal fulfils every condition.
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
  const event = condition === 'next-exit' ? 'exit' : 'stopped';
  const forget = (): void => {
    container.events.off(event, finish);
    container.events.off('removed', finish);
  };
  if (condition !== 'removed') container.events.once(event, finish);
  container.events.once('removed', finish);
  signal.addEventListener('abort', forget);
  return promise;
}
