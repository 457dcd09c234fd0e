import { rm, stat } from 'node:fs/promises';
import { errorMessage, isTsmachineError } from '../../shared/errors.js';
import type { Container } from './containers/container.js';
import type { ContainerContext } from './containers/context.js';
import { discardContainer } from './containers/discard.js';
import { freeRun, handleExit, watchExit } from './containers/exit.js';
import { startHealthChecks } from './containers/health/monitor.js';
import { freeHostParts } from './containers/host-parts.js';
import { shipLog } from './containers/log-shipping.js';
import { launch } from './containers/start.js';
import { removeSubpaths, volumeHolders } from './containers/volume-mounts.js';
import { reconcileNetworks } from './networks/reconcile.js';

/**
 * After the agent's start: containers that still run are adopted, those that have ended meanwhile get their exit
 * code from the monitor, those that are gone without trace (a reboot) count as exited with 255, and what was
 * half-made or half-removed is taken away. Then restart policies act. One bad container does not stop the rest.
 */
export async function recover(context: ContainerContext): Promise<void> {
  const { store, layers, networks, volumes } = context;
  const running = new Map<string, number>();
  await Promise.all(
    store.list().map(async (container) => {
      const pid = await context.runtime.find(container.id);
      if (pid !== undefined && container.running) running.set(container.id, pid);
      else if (pid !== undefined) await killLeftover(context, container);
    }),
  );
  await networks.restore(running);
  removeSubpaths(context);
  await volumes.recover(volumeHolders(store.list().filter(({ id }) => running.has(id))));
  await layers.recover(new Set(store.list().map(({ id }) => id)));
  for (const container of store.list()) {
    await context.locks
      .run(container.id, () => recoverOne(context, container, running.get(container.id)))
      .catch((error) => {
        context.log.error('container is not recovered', {
          container: container.id,
          error: errorMessage(error),
        });
      });
  }
}

async function recoverOne(
  context: ContainerContext,
  container: Container,
  pid: number | undefined,
): Promise<void> {
  const { state, hostConfig, removal } = container.record;
  const { status } = state;
  if (container.running && pid !== undefined) return adopt(context, container);
  if (container.running)
    return handleExit(context, container, await context.runtime.exited(container.id), launch);
  if (await exists(context.paths.bundle(container.id))) await freeRun(context, container);
  else await context.layers.unmount(container.id); // a start mounts before it makes the bundle
  if (removal || status === 'dead') {
    return discardContainer(context, container, removal ?? { volumes: false }); // of an agent that did not write it
  }
  if (status === 'restarting') return launch(context, container);
  if (status === 'exited' && hostConfig.AutoRemove) {
    return discardContainer(context, container, { volumes: true });
  }
  if (status === 'exited' && wantsStart(container)) return launch(context, container);
}

/**
 * The record says "running" before the process is let go. An agent that was killed between the two left a process
 * that waits, or one that went already: a start that fails would end it.
 */
async function adopt(context: ContainerContext, container: Container): Promise<void> {
  if (container.record.state.starting) {
    await letGo(context, container).catch((error) => {
      // It has ended in this moment: the exit is seen below.
      context.log.warn('container is not let go', { container: container.id, error: errorMessage(error) });
    });
    container.apply({ type: 'started' });
    await context.store.save(container);
  }
  await reconcileNetworks(context, container).catch((error) => {
    context.log.error('networks are not as the record says', {
      container: container.id,
      error: errorMessage(error),
    });
  });
  if (container.record.state.status === 'running') startHealthChecks(context, container);
  shipLog(context, container);
  watchExit(context, container, launch);
}

async function letGo({ runtime }: ContainerContext, { id }: Container): Promise<void> {
  if (await runtime.isWaiting(id)) await runtime.start(id);
}

/** A start that was cut off before the record said so: the process has never run. */
async function killLeftover(context: ContainerContext, container: Container): Promise<void> {
  const { id } = container;
  context.log.warn('half-started container is removed', { container: id });
  try {
    await context.runtime.delete(id, { force: true });
    await context.runtime.forget(id);
    await context.layers.unmount(id);
    await freeHostParts(context, container);
    await rm(context.paths.bundle(id), { recursive: true, force: true });
  } catch (error) {
    if (!isTsmachineError(error)) throw error;
    context.log.error('half-started container is not removed', { container: id, error: error.message });
  }
}

/** What the end of a run has left where the agent was killed in the middle of it. */
async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** After a reboot: `always`, and `unless-stopped` that was not stopped. */
function wantsStart({ record }: Container): boolean {
  const policy = record.hostConfig.RestartPolicy?.Name;
  return policy === 'always' || (policy === 'unless-stopped' && !record.manuallyStopped);
}
