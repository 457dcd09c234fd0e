import type { OciNamespace } from './oci.js';
import type { NamespaceChoice, RunSpec } from './run-spec.js';

export function buildNamespaces(run: RunSpec): OciNamespace[] {
  return [
    { type: 'mount' },
    ...userNamespace(run),
    ...chosen('network', run.network),
    ...chosen('uts', run.uts),
    ...chosen('pid', run.pid),
    ...chosen('ipc', run.ipc),
    ...chosen('cgroup', run.cgroupns),
  ];
}

function userNamespace({ userNamespace }: RunSpec): OciNamespace[] {
  if (!userNamespace) return [];
  const { path } = userNamespace;
  return [{ type: 'user', ...(path !== undefined && { path }) }];
}

function chosen(type: OciNamespace['type'], choice: NamespaceChoice): OciNamespace[] {
  if (choice === 'host') return [];
  return [choice === 'private' ? { type } : { type, path: choice.path }];
}
