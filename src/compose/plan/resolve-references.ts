import type { Service } from '../model/service.js';
import { referredService } from '../naming.js';
import { sharingImpossible } from './errors.js';

/** The ID of a service's first container; undefined while there is none. */
export type ContainerIdOf = (service: string) => string | undefined;

/** The service with "service:NAME" replaced by the container that is meant. Throws SHARING_IMPOSSIBLE. */
export function resolveReferences(service: Service, idOf: ContainerIdOf): Service {
  const mode = (value: string | undefined, what: string): string | undefined => {
    const name = referredService(value);
    return name === undefined ? value : `container:${needed(name, what, idOf)}`;
  };
  return {
    ...service,
    networkMode: mode(service.networkMode, 'network namespace'),
    ipc: mode(service.ipc, 'IPC namespace'),
    pid: mode(service.pid, 'PID namespace'),
    volumesFrom: service.volumesFrom.map((from) => volumesFrom(from, idOf)),
  };
}

function volumesFrom(from: string, idOf: ContainerIdOf): string {
  if (from.startsWith('container:')) return from.slice('container:'.length);
  const [name = '', ...mode] = from.split(':');
  return [needed(name, 'volume', idOf), ...mode].join(':');
}

function needed(service: string, what: string, idOf: ContainerIdOf): string {
  const id = idOf(service);
  if (id === undefined) throw sharingImpossible(what, service);
  return id;
}
