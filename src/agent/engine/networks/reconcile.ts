import { errorMessage } from '../../../shared/errors.js';
import { hasSandbox, networksOfRecord } from '../containers/attachments.js';
import type { Container } from '../containers/container.js';
import type { ContainerContext } from '../containers/context.js';
import { attach, detach } from './connect.js';

/**
 * After an agent was killed in the middle of `connect` or `disconnect`, a running container's record and its endpoints
 * may tell of different networks: the record counts. A network that it cannot have any more is taken out of it. The
 * caller holds the container's lock.
 */
export async function reconcileNetworks(context: ContainerContext, container: Container): Promise<void> {
  const { networks, log } = context;
  const endpoints = networks.sandbox(container.id)?.endpoints;
  if (!endpoints || !hasSandbox(container.record)) return;
  const wanted = networksOfRecord(container.record);
  for (const { networkId } of endpoints) {
    const network = networks.byId(networkId);
    if (network && !Object.hasOwn(wanted, network.name)) await detach(context, container, network);
  }
  for (const [name, config] of Object.entries(wanted)) {
    const network = networks.byName(name);
    if (endpoints.some(({ networkId }) => networkId === network?.id)) continue;
    try {
      if (network) await attach(context, container, network, config);
    } catch (error) {
      log.warn('container is taken off a network', {
        container: container.id,
        network: name,
        error: errorMessage(error),
      });
      const { [name]: _gone, ...rest } = networksOfRecord(container.record);
      container.update({ networks: rest });
      await context.store.save(container);
    }
  }
}
