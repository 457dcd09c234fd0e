import { removalInProgress, removeRunning } from '../errors.js';
import type { Container } from './container.js';
import type { ContainerContext } from './context.js';
import { discardContainer } from './discard.js';
import { giveUpRestart } from './restart-policy.js';
import { killAndWait } from './stop.js';

export interface RemoveOptions {
  readonly force: boolean;
  /** Its anonymous volumes go too. */
  readonly volumes: boolean;
}

/** Throws CONTAINER_RUNNING, CONTAINER_BEING_REMOVED. With `force` a running container is killed first. */
export async function removeContainer(
  context: ContainerContext,
  container: Container,
  { force, volumes }: RemoveOptions,
): Promise<void> {
  const { record } = container;
  if (record.state.status === 'removing') throw removalInProgress(record.name);
  if (container.running || record.state.status === 'restarting') {
    if (!force) throw removeRunning(record.name, record.state.status);
    await killAndWait(context, container);
  }
  await context.locks.run(container.id, async () => {
    if (!context.store.byId(container.id)) return; // its AutoRemove was faster
    await giveUpRestart(context, container);
    if (container.running) throw removeRunning(record.name, container.record.state.status);
    await discardContainer(context, container, { volumes });
  });
}
