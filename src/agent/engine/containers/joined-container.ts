import type { HostConfig } from '../../../api/container-config.js';
import { isTsmachineError } from '../../../shared/errors.js';
import { invalidOption, notRunning, restarting } from '../errors.js';
import { cannotJoin, joinsStopped } from '../namespace-errors.js';
import type { Container } from './container.js';
import type { ContainerContext } from './context.js';

/** The container whose namespace another one joins: it must run. Throws CONTAINER_NOT_RUNNING. */
export function joinedContainer({ store }: ContainerContext, nameOrId: string): Container {
  const container = store.resolve(nameOrId);
  if (container.record.state.status === 'restarting') throw restarting(container.id);
  if (!container.running) throw joinsStopped(container.id);
  return container;
}

/** The same for what Docker words as its own failure. Throws NAMESPACE_NOT_JOINED. */
export function joinedForNamespace(
  context: ContainerContext,
  nameOrId: string,
  name: 'PID' | 'IPC',
): Container {
  try {
    const container = context.store.resolve(nameOrId);
    if (container.record.state.status === 'restarting') throw restarting(container.id);
    if (!container.running) throw notRunning(container.id);
    return container;
  } catch (error) {
    throw isTsmachineError(error) ? cannotJoin(name, error) : error;
  }
}

/** Names may change, so the container's ID is kept instead. Throws OPTION_INVALID for one that is not there. */
export function withJoinedIds(
  { store }: Pick<ContainerContext, 'store'>,
  hostConfig: HostConfig,
): HostConfig {
  const { PidMode = '', IpcMode = '', NetworkMode = '' } = hostConfig;
  const byId = (mode: string): string | undefined => {
    if (!mode.startsWith(prefix)) return mode;
    const donor = store.find(mode.slice(prefix.length));
    return donor && `${prefix}${donor.id}`;
  };
  for (const mode of [PidMode, IpcMode]) {
    if (byId(mode) === undefined) throw invalidOption(`No such container: ${mode.slice(prefix.length)}`);
  }
  return {
    ...hostConfig,
    ...(PidMode && { PidMode: byId(PidMode) ?? PidMode }),
    ...(IpcMode && { IpcMode: byId(IpcMode) ?? IpcMode }),
    ...(NetworkMode && { NetworkMode: byId(NetworkMode) ?? NetworkMode }), // the start tells of one that is missing
  };
}

const prefix = 'container:';

export function joinNamespace(
  container: Container,
  name: 'net' | 'pid' | 'ipc' | 'user',
): { readonly path: string } {
  return { path: `/proc/${container.record.state.pid}/ns/${name}` };
}
