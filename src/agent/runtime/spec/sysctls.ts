import type { RunSpec } from './run-spec.js';

/** In a network namespace of its own any user may bind low ports and send pings, as with Docker since 20.10. */
export function buildSysctls(run: RunSpec): Record<string, string> {
  return { ...(hasOwnNetwork(run) && NETWORK_SYSCTLS), ...run.sysctls };
}

function hasOwnNetwork({ network }: RunSpec): boolean {
  return network === 'private' || (network !== 'host' && network.own);
}

const NETWORK_SYSCTLS = {
  'net.ipv4.ip_unprivileged_port_start': '0',
  'net.ipv4.ping_group_range': '0 2147483647',
};
