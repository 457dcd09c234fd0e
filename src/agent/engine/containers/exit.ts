import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { types } from 'node:util';
import { errorMessage } from '../../../shared/errors.js';
import { formatNanoTime } from '../../../shared/nanotime.js';
import type { ExitStatus } from '../../runtime/runtime.js';
import type { Container } from './container.js';
import { type ContainerContext, publish } from './context.js';
import { discardContainer } from './discard.js';
import { stopHealthChecks } from './health/monitor.js';
import { freeHostParts } from './host-parts.js';
import { type Launch, nextDelay, shouldRestart, waitAndRestart } from './restart-policy.js';
import { publishDisconnections } from './run-events.js';
import { unmountVolumes } from './volume-mounts.js';

/**
 * Handles the end of the present run when it comes; `launch` is for the restart policy. Errors are logged: nobody
 * waits for them.
 */
export function watchExit(context: ContainerContext, container: Container, launch: Launch): void {
  const run = container.record.state.startedAt;
  const over = new AbortController();
  watchMemory(context, container, over.signal);
  context.runtime
    .exited(container.id)
    .finally(() => over.abort())
    .then((status) =>
      context.locks.run(container.id, async () => {
        // Whoever held the lock before may have ended this run already.
        if (container.running && container.record.state.startedAt === run) {
          await handleExit(context, container, status, launch);
        }
      }),
    )
    .catch((error) => {
      if (isAbort(error)) return; // the agent stops; the next one sees it
      context.log.error('exit is not handled', { container: container.id, error: errorMessage(error) });
    });
}

/** The kernel may kill a process that is not the first: the container then runs on. Told once for each run. */
function watchMemory(context: ContainerContext, container: Container, signal: AbortSignal): void {
  context.runtime
    .outOfMemory(container.id, signal)
    .then(() =>
      context.locks.run(container.id, async () => {
        if (signal.aborted || !container.running) return; // the exit tells it
        container.apply({ type: 'out-of-memory' });
        publish(context, container, 'oom');
        await context.store.save(container);
      }),
    )
    .catch((error) => {
      if (signal.aborted || isAbort(error)) return;
      context.log.warn('memory is not watched', { container: container.id, error: errorMessage(error) });
    });
}

function isAbort(error: unknown): boolean {
  return types.isNativeError(error) && error.name === 'AbortError';
}

/**
 * Who waits for the end may look at the output next, so attached clients get all of it before. Not for ever: one may
 * have stopped reading.
 */
async function outputDelivered({ copies }: Container): Promise<void> {
  if (copies.size > 0)
    await Promise.race([Promise.allSettled(copies), delay(outputMs, undefined, { ref: false })]);
}

const outputMs = 1_000;

/**
 * Gives the network back, writes the record and tells those who wait; then frees the rest, and the container is
 * removed, restarted or left, as its options say. The caller holds the lock, so that nothing is started upon what
 * is still being freed. `status` is undefined when the run ended without trace.
 */
export async function handleExit(
  context: ContainerContext,
  container: Container,
  status: ExitStatus | undefined,
  launch: Launch,
): Promise<void> {
  stopHealthChecks(container);
  await outputDelivered(container);
  const end = status ?? { code: 255, at: context.clock.now(), oomKilled: false };
  const restarting = shouldRestart(container, end.code);
  const delayMs = nextDelay(container, end.at);
  const oomWasKnown = container.record.state.oomKilled;
  container.apply({
    type: 'exited',
    exitCode: end.code,
    at: formatNanoTime(BigInt(Math.round(end.at * 1000)) * 1000n),
    oomKilled: end.oomKilled,
    restarting,
  });
  const isLeaving = container.record.hostConfig.AutoRemove && !container.keptAtExit;
  // With AutoRemove it is written down already: a record that says "running" of one that does not is enough.
  const removal = isLeaving ? { volumes: true } : container.removalAtExit;
  if (removal) container.update({ removal });
  await attempt(context, container, [
    context.networks.release(container.id),
    isLeaving ? undefined : context.store.save(container),
  ]);
  announce(context, container, end, oomWasKnown);
  publishDisconnections(context, container);
  if (!restarting) container.events.emit('stopped', { exitCode: end.code });

  await freeRun(context, container);
  if (restarting) waitAndRestart(context, container, delayMs, launch);
  else if (isLeaving) await discardContainer(context, container, { volumes: true });
}

/** Frees all that a run held but its network. The bundle goes last: where it is, there is something to free. */
export async function freeRun(context: ContainerContext, container: Container): Promise<void> {
  const { id } = container;
  await attempt(context, container, [
    context.runtime.delete(id, { force: true }).then(() => context.runtime.forget(id)),
  ]);
  await attempt(context, container, [
    context.layers.unmount(id),
    unmountVolumes(context, container.record, id),
    freeHostParts(context, container),
  ]);
  await attempt(context, container, [rm(context.paths.bundle(id), { recursive: true, force: true })]);
}

/** All at once; one that fails must not keep the others. */
async function attempt(
  { log }: ContainerContext,
  { id }: Container,
  works: readonly (Promise<unknown> | undefined)[],
): Promise<void> {
  for (const result of await Promise.allSettled(works)) {
    if (result.status === 'rejected') {
      log.error('a resource is not freed', { container: id, error: errorMessage(result.reason) });
    }
  }
}

function announce(
  context: ContainerContext,
  container: Container,
  { code, oomKilled }: ExitStatus,
  wasKnown: boolean,
): void {
  if (oomKilled && !wasKnown) publish(context, container, 'oom');
  publish(context, container, 'die', { exitCode: String(code), execDuration: execDuration(container) });
  container.events.emit('exit', { exitCode: code });
}

/** Whole seconds, as dockerd adds it to the event. */
function execDuration({ record: { state } }: Container): string {
  return String(Math.max(0, Math.trunc((Date.parse(state.finishedAt) - Date.parse(state.startedAt)) / 1000)));
}
