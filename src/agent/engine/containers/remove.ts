import { removalInProgress, removeRunning } from '../errors.js';
import type { Container } from './container.js';
import type { ContainerContext } from './context.js';
import { discardContainer } from './discard.js';
import type { Removal } from './record.js';
import { giveUpRestart } from './restart-policy.js';
import { killAndWait } from './stop.js';

export interface RemoveOptions extends Removal {
  readonly force: boolean;
}

/** Throws CONTAINER_RUNNING, CONTAINER_BEING_REMOVED. With `force` a running container is killed first. */
export async function removeContainer(
  context: ContainerContext,
  container: Container,
  { force, volumes }: RemoveOptions,
): Promise<void> {
  const { record } = container;
  if (record.state.status === 'removing') throw removalInProgress(record.name);
  try {
    if (container.running || record.state.status === 'restarting') {
      if (!force) throw removeRunning(record.name, record.state.status);
      await killToRemove(context, container, { volumes });
    }
    await context.locks.run(container.id, async () => {
      if (!context.store.byId(container.id)) return; // its AutoRemove was faster
      await giveUpRestart(context, container);
      if (container.running) throw removeRunning(record.name, container.record.state.status);
      await discardContainer(context, container, { volumes });
    });
  } finally {
    container.removalAtExit = undefined;
  }
}

/** The record of its end is the one that says that it goes, so that nothing more is to be written. */
async function killToRemove(
  context: ContainerContext,
  container: Container,
  removal: Removal,
): Promise<void> {
  container.removalAtExit = removal;
  await killAndWait(context, container).catch((error) => {
    container.removalAtExit = undefined;
    if (!container.record.removal) throw error; // else it has ended all the same
  });
}
