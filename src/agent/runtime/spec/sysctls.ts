import type { RunSpec } from './run-spec.js';

/** In a network namespace of its own any user may bind low ports and send pings, as with Docker since 20.10. */
export function buildSysctls(run: RunSpec): Record<string, string> {
  return { ...(hasOwnNetwork(run) && networkSysctls(run)), ...run.sysctls };
}

function hasOwnNetwork({ network }: RunSpec): boolean {
  return network === 'private' || (network !== 'host' && network.own);
}

function networkSysctls({ userNamespace }: RunSpec): Record<string, string> {
  const groups = userNamespace?.idMap.gids;
  // The kernel takes groups that there are.
  const last = groups ? groups.reduce((sum, { size }) => sum + size, 0) - 1 : 2_147_483_647;
  return {
    'net.ipv4.ip_unprivileged_port_start': '0',
    'net.ipv4.ping_group_range': `0 ${Math.min(last, 2_147_483_647)}`,
  };
}
