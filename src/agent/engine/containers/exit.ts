import { rm } from 'node:fs/promises';
import { errorMessage } from '../../../shared/errors.js';
import { formatNanoTime } from '../../../shared/nanotime.js';
import type { ExitStatus } from '../../runtime/runtime.js';
import type { Container } from './container.js';
import { type ContainerContext, publish } from './context.js';
import { discardContainer } from './discard.js';
import { type Launch, nextDelay, shouldRestart, waitAndRestart } from './restart-policy.js';

/**
 * Handles the end of the present run when it comes; `launch` is for the restart policy. Errors are logged: nobody
 * waits for them.
 */
export function watchExit(context: ContainerContext, container: Container, launch: Launch): void {
  const run = container.record.state.startedAt;
  context.runtime
    .exited(container.id)
    .then((status) =>
      context.locks.run(container.id, async () => {
        // Whoever held the lock before may have ended this run already.
        if (container.running && container.record.state.startedAt === run) {
          await handleExit(context, container, status, launch);
        }
      }),
    )
    .catch((error) => {
      context.log.error('exit is not handled', { container: container.id, error: errorMessage(error) });
    });
}

/**
 * Frees what the run held, writes the record and tells those who wait; then the container is removed, restarted
 * or left, as its options say. The caller holds the lock. `status` is undefined when the run ended without trace.
 */
export async function handleExit(
  context: ContainerContext,
  container: Container,
  status: ExitStatus | undefined,
  launch: Launch,
): Promise<void> {
  const end = status ?? { code: 255, at: context.clock.now(), oomKilled: false };
  await freeRun(context, container);
  const restarting = shouldRestart(container, end.code);
  const delayMs = nextDelay(container, end.at);
  container.apply({
    type: 'exited',
    exitCode: end.code,
    at: formatNanoTime(BigInt(Math.round(end.at * 1000)) * 1000n),
    oomKilled: end.oomKilled,
    restarting,
  });
  const { AutoRemove } = container.record.hostConfig;
  if (!AutoRemove) await context.store.save(container);
  await context.runtime.forget(container.id);

  if (end.oomKilled) publish(context, container, 'oom');
  publish(context, container, 'die', { exitCode: String(end.code), execDuration: execDuration(container) });
  const result = { exitCode: end.code };
  container.events.emit('exit', result);
  if (restarting) {
    waitAndRestart(context, container, delayMs, launch);
    return;
  }
  container.events.emit('stopped', result);
  if (AutoRemove) await discardContainer(context, container, { volumes: true });
}

/** All of it at once; a part that fails must not keep the others. */
async function freeRun(context: ContainerContext, container: Container): Promise<void> {
  const { id } = container;
  const results = await Promise.allSettled([
    context.network.release(id),
    context.runtime.delete(id, { force: true }).then(() => context.layers.unmount(id)),
    rm(context.paths.bundle(id), { recursive: true, force: true }),
  ]);
  for (const result of results) {
    if (result.status === 'rejected') {
      context.log.error('a resource is not freed', { container: id, error: errorMessage(result.reason) });
    }
  }
}

/** Whole seconds, as dockerd adds it to the event. */
function execDuration({ record: { state } }: Container): string {
  return String(Math.max(0, Math.trunc((Date.parse(state.finishedAt) - Date.parse(state.startedAt)) / 1000)));
}
