import { errorMessage } from '../../../shared/errors.js';
import type { Container } from './container.js';
import { type ContainerContext, publish } from './context.js';
import { waitForShipping } from './log-shipping.js';
import type { Removal } from './record.js';

/**
 * Takes a container that does not run away with all it has. The caller holds its lock. It is written down before, and
 * the record goes last: an agent that is killed meanwhile goes on at its next start. When a part fails, the container
 * stays as `dead`, and removing it again goes on.
 */
export async function discardContainer(
  context: ContainerContext,
  container: Container,
  removal: Removal,
): Promise<void> {
  const isWritten = container.record.removal?.volumes === removal.volumes;
  container.update({ removal });
  container.apply({ type: 'removing' });
  for (const attach of container.pendingAttaches) attach.cancel();
  await Promise.all([waitForShipping(container), isWritten ? undefined : writeDown(context, container)]);
  try {
    await context.layers.discard(container.id);
    if (removal.volumes) await removeAnonymousVolumes(context, container);
    await context.store.delete(container);
  } catch (error) {
    container.apply({ type: 'removal-failed', error: errorMessage(error) });
    await context.store.save(container).catch(() => {}); // the first error is the one to tell
    throw error;
  }
  publish(context, container, 'destroy');
  container.events.emit('removed', { exitCode: container.record.state.exitCode });
}

/** A disk that is full must not keep anyone from removing containers. */
async function writeDown({ store, log }: ContainerContext, container: Container): Promise<void> {
  await store.save(container).catch((error) => {
    log.warn('removal is not written down', { container: container.id, error: errorMessage(error) });
  });
}

async function removeAnonymousVolumes(
  { store, volumes, events, log }: ContainerContext,
  container: Container,
): Promise<void> {
  const keepers = store.list().filter((other) => other !== container && !other.record.removal?.volumes);
  for (const { Name, Driver = 'local', anonymous } of container.record.mounts) {
    const used = keepers.some((other) => other.record.mounts.some((mount) => mount.Name === Name));
    if (!anonymous || !Name || used) continue;
    const removal = volumes.remove(Name).then((wasThere) => {
      if (!wasThere) return;
      events.publish({ type: 'volume', action: 'destroy', id: Name, attributes: { driver: Driver } });
    });
    await removal.catch((error) => {
      log.error('anonymous volume is not removed', {
        container: container.id,
        volume: Name,
        error: errorMessage(error),
      });
    });
  }
}
