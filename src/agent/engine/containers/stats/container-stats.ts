import type { ContainerStats } from '../../../../api/container-stats.js';
import { invalidOption } from '../../errors.js';
import type { Container } from '../container.js';
import type { ContainerContext } from '../context.js';
import { emptySample, takeSample } from './sample.js';

export interface StatsOptions {
  /** One sample a second until the container is removed. */
  readonly stream: boolean;
  /** At once, without an earlier sample to compare with. */
  readonly oneShot: boolean;
}

const periodMs = 1000;

/** Throws OPTION_INVALID for a stream of one. */
export function containerStats(
  context: ContainerContext,
  container: Container,
  { stream, oneShot }: StatsOptions,
  signal: AbortSignal,
): AsyncIterable<ContainerStats> {
  if (stream && oneShot) throw invalidOption('cannot have stream=true and one-shot=true');
  return stream ? samples(context, container, signal) : single(context, container, oneShot, signal);
}

async function* single(
  context: ContainerContext,
  container: Container,
  oneShot: boolean,
  signal: AbortSignal,
): AsyncGenerator<ContainerStats> {
  if (!container.running) {
    yield emptySample(container);
    return;
  }
  const first = await takeSample(context, container);
  if (oneShot) {
    yield first;
    return;
  }
  await context.clock.sleep(periodMs, signal);
  yield await takeSample(context, container, first);
}

/** Ends with the container's removal, or quietly with the signal. */
async function* samples(
  context: ContainerContext,
  container: Container,
  signal: AbortSignal,
): AsyncGenerator<ContainerStats> {
  const removed = new AbortController();
  const end = (): void => removed.abort();
  container.events.once('removed', end);
  const over = AbortSignal.any([signal, removed.signal]);
  let before: ContainerStats | undefined;
  try {
    while (!over.aborted) {
      const sample = container.running ? await takeSample(context, container, before) : undefined;
      yield sample ?? emptySample(container);
      before = sample;
      await context.clock.sleep(periodMs, over).catch(() => {});
    }
  } finally {
    container.events.off('removed', end);
  }
}
