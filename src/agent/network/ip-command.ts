import { linkLocalOf, macAddressOf, parseAddress } from './ip.js';
import { hostLinkName } from './link-names.js';
import type { Endpoint } from './network.js';

/** Lines for `ip -batch -` (ip(8)); nothing here runs anything. */

/** An endpoint to be made, with what its network says of it. */
export interface LinkPlan {
  readonly endpoint: Endpoint;
  readonly mtu: number | undefined;
  /** The bridge's index in the host; undefined for an interface that was moved into the container already. */
  readonly bridgeIndex: number | undefined;
}

/** Through which interfaces the default routes go. */
export interface WayOut {
  readonly v4: Endpoint | undefined;
  readonly v6: Endpoint | undefined;
}

/** The Linux bridge of a network; gateways with their prefix lengths. */
export interface BridgeLink {
  readonly name: string;
  readonly gateways: readonly string[];
  readonly mtu: number | undefined;
  /** Its containers reach each other by way of the host only, whose rules decide. */
  readonly apart: boolean;
}

/**
 * To be run inside the container's network namespace, so that one process does everything. The host's end is
 * made straight into the host's namespace, given by a file, and on the bridge, given by its index there
 * ("if5" is how iproute2 writes an interface that has no name here). An interface cannot be brought up in the line
 * that makes it: a veth end refuses while it has no peer yet (ENOTCONN). IPv6 addresses are given without duplicate
 * detection, as under Docker: it would hear itself through the hairpin port.
 */
export function connectBatch(
  plans: readonly LinkPlan[],
  wayOut: WayOut,
  host: { readonly namespace: string; readonly hasIpv6: boolean },
): string {
  return lines([
    ...plans.map((plan) => makeLine(plan, host.namespace)),
    'link set lo up',
    ...plans.flatMap(({ endpoint }) => configureLines(endpoint, host.hasIpv6)),
    ...routeLines(wayOut),
  ]);
}

/** The default routes, in place of those that are there. */
export function routeLines({ v4, v6 }: WayOut): readonly string[] {
  return [
    ...(v4 ? [`route replace default via ${v4.gateway} dev ${v4.interface}`] : []),
    ...(v6 ? [`route replace default via ${v6.gateway6} dev ${v6.interface}`] : []),
  ];
}

/** In the host: an interface upon the parent's, made straight into a container's namespace. */
export function subInterfaceLine(
  driver: 'macvlan' | 'ipvlan',
  { endpoint, mtu }: LinkPlan,
  parent: { readonly name: string; readonly mode: string | undefined; readonly pid: number },
): string {
  const mode = parent.mode ?? (driver === 'macvlan' ? 'bridge' : 'l2');
  const address = driver === 'macvlan' ? ` address ${endpoint.macAddress}` : '';
  const name = hostLinkName(endpoint.endpointId);
  return `link add link ${parent.name} name ${name}${address}${mtuOf(mtu)} netns ${parent.pid} type ${driver} mode ${mode}\n`;
}

/** Moves an interface of the host's into the namespace of a process, under another name. */
export function moveLine(source: string, name: string, pid: number): string {
  return lines([`link set dev ${source} down`, `link set dev ${source} netns ${pid} name ${name}`]);
}

/** The bridge's MAC address is given, or it would change with the containers that come and go. */
export function makeBridgeBatch({ name, gateways, mtu }: BridgeLink): string {
  const address = gateways.map((gateway) => parseAddress(gateway.split('/')[0] ?? ''));
  const ipv4 = address.find((each) => each?.family === 4);
  const mac = ipv4 ? ` address ${macAddressOf(ipv4.value)}` : '';
  return lines([`link add name ${name}${mac}${mtuOf(mtu)} type bridge`]);
}

/** Right for a bridge that is new and for one that was there. */
export function configureBridgeBatch({ name, gateways, mtu }: BridgeLink): string {
  return lines([
    ...gateways.map((gateway) =>
      gateway.includes(':')
        ? `addr replace ${gateway} dev ${name} nodad`
        : `addr replace ${gateway} broadcast + dev ${name}`,
    ),
    `link set ${name}${mtuOf(mtu)} up`,
  ]);
}

/** Puts links that lost their bridge back on it. */
export function attachBatch(links: readonly string[], bridge: string): string {
  return lines(links.map((link) => `link set ${link} master ${bridge} up`));
}

/** Keeps the containers of a bridge apart: ports that are isolated do not reach each other (ip-link(8)). */
export function isolateBatch(links: readonly string[]): string {
  return lines(links.map((link) => `link set ${link} type bridge_slave isolated on`));
}

export function deleteBatch(links: readonly string[]): string {
  return lines(links.map((link) => `link delete dev ${link}`));
}

function makeLine({ endpoint, mtu, bridgeIndex }: LinkPlan, host: string): string {
  const hostEnd = hostLinkName(endpoint.endpointId);
  if (bridgeIndex === undefined) return `link set ${hostEnd} name ${endpoint.interface}`;
  const peer = `peer name ${endpoint.interface} address ${endpoint.macAddress}${mtuOf(mtu)}`;
  return `link add ${hostEnd} netns ${host} master if${bridgeIndex}${mtuOf(mtu)} up type veth ${peer}`;
}

function configureLines(endpoint: Endpoint, hasIpv6: boolean): readonly string[] {
  const { interface: name, address, prefixLength, address6, prefixLength6, macAddress } = endpoint;
  return [
    ...(hasIpv6 ? [`link set ${name} addrgenmode none`] : []),
    ...(endpoint.remote && macAddress !== '' ? [`link set ${name} address ${macAddress}`] : []),
    `link set ${name} up`,
    ...(address === '' ? [] : [`addr add ${address}/${prefixLength} broadcast + dev ${name}`]),
    ...(address6 === '' || macAddress === ''
      ? []
      : [`addr add ${linkLocalOf(macAddress)}/64 dev ${name} nodad`]),
    ...(address6 === '' ? [] : [`addr add ${address6}/${prefixLength6} dev ${name} nodad`]),
    ...(endpoint.linkLocalAddresses ?? []).map((each) =>
      each.includes(':') ? `addr add ${each}/64 dev ${name} nodad` : `addr add ${each}/16 dev ${name}`,
    ),
    ...(endpoint.remote?.routes ?? []).map(({ destination, nextHop }) =>
      nextHop === undefined
        ? `route replace ${destination} dev ${name} scope link`
        : `route replace ${destination} via ${nextHop} dev ${name}`,
    ),
  ];
}

function mtuOf(mtu: number | undefined): string {
  return mtu === undefined ? '' : ` mtu ${mtu}`;
}

function lines(commands: readonly string[]): string {
  return commands.map((command) => `${command}\n`).join('');
}
