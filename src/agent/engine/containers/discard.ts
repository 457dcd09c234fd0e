import { errorMessage } from '../../../shared/errors.js';
import type { Container } from './container.js';
import { type ContainerContext, publish } from './context.js';
import { waitForShipping } from './log-shipping.js';

/**
 * Takes a container that does not run away with all it has. The caller holds its lock. When a part fails, the
 * container stays as `dead`, and removing it again goes on.
 */
export async function discardContainer(
  context: ContainerContext,
  container: Container,
  { volumes }: { readonly volumes: boolean },
): Promise<void> {
  const { id } = container;
  container.apply({ type: 'removing' });
  for (const attach of container.pendingAttaches) attach.cancel();
  await waitForShipping(container);
  try {
    await context.layers.discard(id);
    await context.store.delete(container);
  } catch (error) {
    container.apply({ type: 'removal-failed', error: errorMessage(error) });
    await context.store.save(container).catch(() => {}); // the first error is the one to tell
    throw error;
  }
  if (volumes) await removeAnonymousVolumes(context, container);
  publish(context, container, 'destroy');
  container.events.emit('removed', { exitCode: container.record.state.exitCode });
}

async function removeAnonymousVolumes(
  { store, volumes, events, log }: ContainerContext,
  { id, record }: Container,
): Promise<void> {
  for (const { Name, Driver = 'local', anonymous } of record.mounts) {
    const used = store.list().some((other) => other.record.mounts.some((mount) => mount.Name === Name));
    if (!anonymous || !Name || used) continue;
    const removal = volumes.remove(Name).then(() => {
      events.publish({ type: 'volume', action: 'destroy', id: Name, attributes: { driver: Driver } });
    });
    await removal.catch((error) => {
      log.error('anonymous volume is not removed', {
        container: id,
        volume: Name,
        error: errorMessage(error),
      });
    });
  }
}
