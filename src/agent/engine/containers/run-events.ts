import { publishNetworkEvent } from '../networks/network-events.js';
import { networksOfRecord } from './attachments.js';
import type { Container } from './container.js';
import type { ContainerContext } from './context.js';

/** What dockerd tells of networks and volumes when a run begins, before "start". */
export function publishConnections(context: ContainerContext, container: Container): void {
  publishNetwork(context, container, 'connect');
  for (const { name, driver, destination, writable } of volumesOf(container)) {
    publishVolume(context, container, name, 'mount', {
      driver,
      destination,
      propagation: '',
      'read/write': String(writable),
    });
  }
}

/** And when it has ended, after "die". */
export function publishDisconnections(context: ContainerContext, container: Container): void {
  publishNetwork(context, container, 'disconnect');
  for (const { name, driver } of volumesOf(container)) {
    publishVolume(context, container, name, 'unmount', { driver });
  }
}

function publishNetwork(
  { events, networks }: ContainerContext,
  { id, record }: Container,
  action: 'connect' | 'disconnect',
): void {
  for (const name of Object.keys(networksOfRecord(record))) {
    const network = networks.byName(name);
    if (network) publishNetworkEvent(events, network, action, id);
  }
}

function publishVolume(
  { events }: ContainerContext,
  { id }: Container,
  name: string,
  action: 'mount' | 'unmount',
  attributes: Readonly<Record<string, string>>,
): void {
  events.publish({
    type: 'volume',
    action,
    id: name,
    attributes: { container: id, ...attributes },
  });
}

function volumesOf({ record }: Container) {
  return record.mounts.flatMap(({ Type, Name, Driver = 'local', Destination, RW }) =>
    Type === 'volume' && Name ? [{ name: Name, driver: Driver, destination: Destination, writable: RW }] : [],
  );
}
