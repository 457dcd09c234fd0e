import { joinsStopped, restarting } from '../errors.js';
import type { Container } from './container.js';
import type { ContainerContext } from './context.js';

/** The container whose namespace another one joins: it must run. Throws CONTAINER_NOT_RUNNING. */
export function joinedContainer({ store }: ContainerContext, nameOrId: string): Container {
  const container = store.resolve(nameOrId);
  if (container.record.state.status === 'restarting') throw restarting(container.id);
  if (!container.running) throw joinsStopped(container.id);
  return container;
}

export function joinNamespace(container: Container, name: 'net' | 'pid' | 'ipc'): { readonly path: string } {
  return { path: `/proc/${container.record.state.pid}/ns/${name}` };
}
