import type { EndpointConfig } from '../../../api/container-config.js';
import type { Endpoint, NetworkInfo } from '../../network/network.js';
import { attachmentOf, networksOfRecord } from '../containers/attachments.js';
import type { Container } from '../containers/container.js';
import type { ContainerContext } from '../containers/context.js';
import { updateNetworkFiles } from '../containers/network-files.js';
import { networkMode } from '../containers/network-mode.js';
import { portBindings } from '../containers/ports.js';
import { alreadyConnected, invalidOption, markedForRemoval, notConnected } from '../errors.js';
import { checkEndpoint } from './check-endpoint.js';
import { publishNetworkEvent } from './network-events.js';

/**
 * Puts a container on one network more: at once when it runs, else at its next start. Throws OPTION_INVALID,
 * ENDPOINT_EXISTS, and what `Networks.attach` throws.
 */
export async function connectContainer(
  context: ContainerContext,
  container: Container,
  network: NetworkInfo,
  config: EndpointConfig,
): Promise<void> {
  await context.locks.run(container.id, async () => {
    refuseGoing(container);
    refuseSharedNamespace(container);
    checkEndpoint(config, network);
    const before = container.record;
    const networks = networksOfRecord(before);
    const isRunning = container.running;
    if (isRunning && Object.hasOwn(networks, network.name)) {
      throw alreadyConnected(before.name, network.name);
    }
    container.update({ networks: { ...networks, [network.name]: config } });
    try {
      if (isRunning) await attach(context, container, network, config);
      await context.store.save(container);
    } catch (error) {
      container.update({ networks });
      throw error;
    }
    if (isRunning) publishNetworkEvent(context.events, network, 'connect', container.id);
  });
}

/** Takes a container off a network: at once when it runs. Throws NETWORK_NOT_CONNECTED, OPTION_INVALID. */
export async function disconnectContainer(
  context: ContainerContext,
  container: Container,
  network: NetworkInfo,
): Promise<void> {
  await context.locks.run(container.id, async () => {
    refuseGoing(container);
    const networks = networksOfRecord(container.record);
    if (!Object.hasOwn(networks, network.name)) throw notConnected(container.id, network.name);
    const isRunning = container.running;
    if (isRunning) await detach(context, container, network);
    const { [network.name]: _gone, ...rest } = networks;
    container.update({ networks: rest });
    await context.store.save(container);
    if (isRunning) publishNetworkEvent(context.events, network, 'disconnect', container.id);
  });
}

/** Of a running container; the caller writes its record. */
export async function attach(
  context: ContainerContext,
  { id, record }: Container,
  network: NetworkInfo,
  config: EndpointConfig,
): Promise<void> {
  const ports = portBindings(record.config, record.hostConfig);
  const before = endpointsOf(context, id);
  await context.networks.attach(id, attachmentOf(record, network, config), ports);
  await updateNetworkFiles(context, record, { before, after: endpointsOf(context, id) });
}

/** The same back. */
export async function detach(
  context: ContainerContext,
  { id, record }: Container,
  network: NetworkInfo,
): Promise<void> {
  const before = endpointsOf(context, id);
  await context.networks.detach(id, network.id);
  await updateNetworkFiles(context, record, { before, after: endpointsOf(context, id) });
}

function endpointsOf({ networks }: ContainerContext, id: string): readonly Endpoint[] {
  return networks.sandbox(id)?.endpoints ?? [];
}

function refuseGoing({ record }: Container): void {
  if (record.state.status === 'removing' || record.state.status === 'dead') throw markedForRemoval();
}

/** moby, runconfig/errors.go. */
function refuseSharedNamespace({ record }: Container): void {
  const { type } = networkMode(record.hostConfig);
  if (type === 'host' || type === 'container') {
    throw invalidOption(
      'container sharing network namespace with another container or host cannot be connected to any other network',
    );
  }
  if (type === 'none') {
    throw invalidOption(
      'container cannot be connected to multiple networks with one of the networks in private (none) mode',
    );
  }
}
