import { readlinkSync } from 'node:fs';
import type { HostConfig } from '../../../api/container-config.js';
import type { RunUserNamespace } from '../../runtime/spec/run-spec.js';
import { type IdMap, isSameMap } from '../../userns/id-map.js';
import { invalidOption } from '../errors.js';
import { userNamespacesDiffer } from '../namespace-errors.js';
import type { Container } from './container.js';
import type { ContainerContext } from './context.js';
import { joinNamespace } from './joined-container.js';
import { networkMode } from './network-mode.js';
import type { ContainerRecord } from './record.js';

/** Under which map a new container runs: the agent's, unless it asks for the host's users. */
export function idMapOf(
  { idMap }: Pick<ContainerContext, 'idMap'>,
  hostConfig: HostConfig,
): IdMap | undefined {
  return hostConfig.UsernsMode === 'host' ? undefined : idMap;
}

/** What root of a user namespace may not have. Throws OPTION_INVALID in moby's words (daemon/daemon_unix.go). */
export function refuseUsernsConflicts(hostConfig: HostConfig, idMap: IdMap | undefined): void {
  if (!idMap) return;
  if (hostConfig.Privileged) {
    throw invalidOption(
      'privileged mode is incompatible with user namespaces.  You must run the container in the host namespace when running privileged mode',
    );
  }
  if (networkMode(hostConfig).type === 'host') {
    throw invalidOption("cannot share the host's network namespace when user namespaces are enabled");
  }
  if (hostConfig.PidMode === 'host') {
    throw invalidOption('cannot share the host PID namespace when user namespaces are enabled');
  }
}

/**
 * A user namespace of its own, or that of the containers whose namespaces it joins: only its root may join them. Throws
 * USER_NAMESPACES_DIFFER.
 */
export function userNamespace(
  { idMap }: ContainerRecord,
  donors: readonly Container[],
): RunUserNamespace | undefined {
  if (!idMap) return undefined;
  const [first] = donors;
  if (!first) return { idMap };
  const namespaces = donors.map((donor) => {
    if (!isSameMap(donor.record.idMap, idMap)) throw userNamespacesDiffer(donor.id);
    return readlinkSync(joinNamespace(donor, 'user').path);
  });
  const other = donors[namespaces.findIndex((each) => each !== namespaces[0])];
  if (other) throw userNamespacesDiffer(other.id);
  return { idMap, ...joinNamespace(first, 'user') };
}
