import { formatIpv4, macAddressOf, type Subnet } from './ipv4.js';
import type { BridgeEndpoint } from './network.js';

/** Lines for `ip -batch -` (ip(8)); nothing here runs anything. */

/** The host's end of an endpoint's veth pair: 15 characters, the most that Linux takes (IFNAMSIZ). */
export function hostLinkName(endpointId: string): string {
  return `tsm${endpointId.slice(0, 12)}`;
}

export function isHostLinkName(name: string): boolean {
  return /^tsm[0-9a-f]{12}$/.test(name);
}

/**
 * To be run inside the container's network namespace, so that one process does everything. The host's end is
 * made straight into the host's namespace, given by a process in it, and on the bridge, given by its index there
 * ("if5" is how iproute2 writes an interface that has no name here). eth0 cannot be brought up in the line that
 * makes it: a veth end refuses while it has no peer yet (ENOTCONN). eth0 gets no IPv6
 * link-local address, as under Docker: its duplicate detection would hear itself through the hairpin port.
 */
export function connectBatch(
  endpoint: BridgeEndpoint,
  host: { readonly pid: number; readonly bridgeIndex: number; readonly hasIpv6: boolean },
): string {
  const { endpointId, macAddress, address, prefixLength, gateway } = endpoint;
  const hostEnd = `${hostLinkName(endpointId)} netns ${host.pid} master if${host.bridgeIndex} up`;
  return lines([
    `link add ${hostEnd} type veth peer name eth0 address ${macAddress}`,
    'link set lo up',
    ...(host.hasIpv6 ? ['link set eth0 addrgenmode none'] : []),
    'link set eth0 up',
    `addr add ${address}/${prefixLength} broadcast + dev eth0`,
    `route add default via ${gateway} dev eth0`,
  ]);
}

/** The bridge's MAC address is given, or it would change with the containers that come and go. */
export function makeBridgeBatch(bridge: string, gateway: number): string {
  return lines([`link add name ${bridge} address ${macAddressOf(gateway)} type bridge`]);
}

/** Right for a bridge that is new and for one that was there. */
export function configureBridgeBatch(bridge: string, subnet: Subnet, gateway: number): string {
  return lines([
    `addr replace ${formatIpv4(gateway)}/${subnet.prefixLength} broadcast + dev ${bridge}`,
    `link set ${bridge} up`,
  ]);
}

/** Puts links that lost their bridge back on it. */
export function attachBatch(links: readonly string[], bridge: string): string {
  return lines(links.map((link) => `link set ${link} master ${bridge} up`));
}

function lines(commands: readonly string[]): string {
  return commands.map((command) => `${command}\n`).join('');
}
