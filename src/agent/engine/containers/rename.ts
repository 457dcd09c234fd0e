import { emptyNewName, invalidContainerName, sameName } from '../errors.js';
import { dnsNamesByNetwork } from './attachments.js';
import type { Container } from './container.js';
import { type ContainerContext, publish } from './context.js';
import { isContainerName, withoutSlash } from './names.js';

/** Throws CONTAINER_NAME_INVALID, CONTAINER_NAME_IN_USE. */
export async function renameContainer(
  context: ContainerContext,
  container: Container,
  asked: string | undefined,
): Promise<void> {
  if (!asked) throw emptyNewName();
  if (!isContainerName(asked)) throw invalidContainerName(asked);
  const name = withoutSlash(asked);
  await context.locks.run(container.id, async () => {
    const old = container.record.name;
    if (old === name) throw sameName();
    context.store.reserveName(name, container.id);
    container.update({ name });
    try {
      await context.store.save(container);
    } catch (error) {
      container.update({ name: old });
      context.store.releaseName(name);
      throw error;
    }
    context.store.releaseName(old);
    await context.networks.rename({ id: container.id, name }, dnsNamesByNetwork(context, container.record));
    publish(context, container, 'rename', { oldName: `/${old}` });
  });
}
