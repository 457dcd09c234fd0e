import type { HostConfig } from '../../../api/container-config.js';
import type { NamespaceChoice, RunSpec } from '../../runtime/spec/run-spec.js';
import { invalidOption } from '../errors.js';
import { notShareable } from '../namespace-errors.js';
import type { Container } from './container.js';
import type { ContainerContext } from './context.js';
import { joinedContainer, joinedForNamespace, joinNamespace } from './joined-container.js';
import { networkMode } from './network-mode.js';
import type { ContainerRecord } from './record.js';
import { userNamespace } from './user-namespace.js';

/** Which namespaces are the container's own, the host's, or other containers'. Throws NAMESPACE_NOT_JOINED, … */
export function runNamespaces(
  context: ContainerContext,
  record: ContainerRecord,
): Pick<
  RunSpec,
  'network' | 'pid' | 'ipc' | 'ipcMounts' | 'shmSource' | 'uts' | 'cgroupns' | 'userNamespace'
> {
  const { id, hostConfig } = record;
  const mode = networkMode(hostConfig);
  const network = mode.type === 'container' ? joinedNetwork(context, mode.container, id) : undefined;
  const own = mode.type === 'host' ? ('host' as const) : ('private' as const);
  const pid = donorOf(context, hostConfig.PidMode ?? '', 'pid');
  const ipc = donorOf(context, hostConfig.IpcMode ?? '', 'ipc');
  const donors = [network, pid, ipc].filter((each) => typeof each === 'object');
  return {
    network: network ? { ...joinNamespace(network, 'net'), own: false } : own,
    pid: choice(pid, 'pid'),
    ipc: choice(ipc, 'ipc'),
    ipcMounts: hostConfig.IpcMode !== 'none',
    shmSource: shmSource(context, id, hostConfig),
    uts: hostConfig.UTSMode === 'host' ? 'host' : 'private',
    cgroupns: hostConfig.CgroupnsMode === 'private' ? 'private' : 'host',
    userNamespace: userNamespace(record, donors),
  };
}

function joinedNetwork(context: ContainerContext, name: string, own: string): Container {
  if (context.store.find(name)?.id === own) throw invalidOption('cannot join own network');
  return joinedContainer(context, name);
}

/** A donor's own, and for who joins it the donor's. */
function shmSource(context: ContainerContext, id: string, { IpcMode = '' }: HostConfig): string | undefined {
  if (IpcMode === 'shareable') return context.paths.sharedMemory(id);
  if (!IpcMode.startsWith('container:')) return undefined;
  const donor = joinedForNamespace(context, IpcMode.slice('container:'.length), 'IPC');
  return donor.record.hostConfig.IpcMode === 'shareable' ? context.paths.sharedMemory(donor.id) : undefined;
}

type Donor = 'private' | 'host' | Container;

function choice(donor: Donor, name: 'pid' | 'ipc'): NamespaceChoice {
  return typeof donor === 'string' ? donor : joinNamespace(donor, name);
}

function donorOf(context: ContainerContext, mode: string, name: 'pid' | 'ipc'): Donor {
  if (['', 'private', 'shareable', 'none'].includes(mode)) return 'private';
  if (mode === 'host') return 'host';
  if (!mode.startsWith('container:')) {
    throw invalidOption(`invalid ${name === 'pid' ? 'PID' : 'IPC'} mode: ${mode}`);
  }
  const reference = mode.slice('container:'.length);
  const donor = joinedForNamespace(context, reference, name === 'pid' ? 'PID' : 'IPC');
  if (name === 'ipc' && donor.record.hostConfig.IpcMode === 'host') return 'host';
  if (name === 'ipc' && donor.record.hostConfig.IpcMode !== 'shareable') throw notShareable(donor.id);
  return donor;
}
