import { errorMessage } from '../../../shared/errors.js';
import type { Container } from './container.js';
import type { ContainerContext } from './context.js';

/** Brings a container up whose lock is held; `start.ts` has it. */
export type Launch = (context: ContainerContext, container: Container) => Promise<void>;

const firstDelayMs = 100;
const longestDelayMs = 60_000;
/** A run of this length counts as a success: the back-off begins anew. */
const goodRunMs = 10_000;

/** Whether the policy wants another run after one that ended with `exitCode` (moby, restartmanager). */
export function shouldRestart({ record }: Container, exitCode: number): boolean {
  const { Name = 'no', MaximumRetryCount = 0 } = record.hostConfig.RestartPolicy ?? {};
  if (record.manuallyStopped) return false;
  if (Name === 'always' || Name === 'unless-stopped') return true;
  if (Name !== 'on-failure' || exitCode === 0) return false;
  return MaximumRetryCount === 0 || record.restartCount < MaximumRetryCount;
}

/** Twice the last delay, from a tenth of a second to a minute. */
export function nextDelay(container: Container, endedAt: number): number {
  const ranMs = endedAt - Date.parse(container.record.state.startedAt);
  const isFirst = container.lastDelayMs === 0 || ranMs >= goodRunMs;
  container.lastDelayMs = isFirst ? firstDelayMs : Math.min(container.lastDelayMs * 2, longestDelayMs);
  return container.lastDelayMs;
}

/** Starts it again after the delay, unless it is stopped, started or removed meanwhile. */
export function waitAndRestart(
  context: ContainerContext,
  container: Container,
  delayMs: number,
  launch: Launch,
): void {
  const delay = new AbortController();
  container.restartDelay = delay;
  context.clock
    .sleep(delayMs, delay.signal)
    .then(() => context.locks.run(container.id, () => restart(context, container, launch)))
    .catch((error) => {
      if (delay.signal.aborted) return;
      context.log.error('container is not restarted', {
        container: container.id,
        error: errorMessage(error),
      });
    });
}

/** Ends the wait for a restart: the container stays exited. The caller holds the lock. */
export async function giveUpRestart(context: ContainerContext, container: Container): Promise<void> {
  container.restartDelay?.abort();
  if (container.record.state.status !== 'restarting') return;
  container.apply({ type: 'restart-given-up' });
  await context.store.save(container);
  container.events.emit('stopped', { exitCode: container.record.state.exitCode });
}

async function restart(context: ContainerContext, container: Container, launch: Launch): Promise<void> {
  if (container.record.state.status !== 'restarting') return;
  container.update({ restartCount: container.record.restartCount + 1 });
  try {
    await launch(context, container);
  } catch (error) {
    container.events.emit('stopped', { exitCode: container.record.state.exitCode });
    throw error;
  }
}
