import { ipv6PortNotSupported } from './errors.js';
import type { Family } from './ip.js';
import type { PortBinding } from './network.js';
import type { PortClaim } from './port-allocator.js';

/** How the kernel leads to a container's address of a family: not at all where it has none. */
export type Way = 'none' | 'translated' | 'routed';

export interface PortWay {
  readonly hostHasIpv6: boolean;
  readonly ways: Readonly<Record<Family, Way>>;
  /** The network's address for bindings without one; "" for all. */
  readonly hostBinding: string;
}

/** What to ask the port allocator for, and what needs no port of the host's. */
export interface PortClaims {
  readonly claims: readonly PortClaim[];
  readonly routed: readonly PortBinding[];
}

/**
 * As Docker does: no address means all IPv4 addresses and, where the host has IPv6, all IPv6 ones too, with the same
 * port; so do two bindings of one port, for 0.0.0.0 and for ::. To a container without IPv6 a TCP proxy leads, so other
 * protocols get IPv4 only; asking for their IPv6 throws IPV6_PORT_NOT_SUPPORTED. Nothing leads from IPv4 to a container
 * without it. Where a container's own address is reached, the port is only opened.
 */
export function portClaims(bindings: readonly PortBinding[], way: PortWay): PortClaims {
  const claims: PortClaim[] = [];
  const routed: PortBinding[] = [];
  for (const { hostAddress: given, ...port } of bindings) {
    const hostAddress = given || way.hostBinding;
    if (hostAddress.includes(':') && port.protocol !== 'tcp' && way.ways[6] === 'none') {
      throw ipv6PortNotSupported({ hostAddress, ...port });
    }
    const asked = addressesFor(hostAddress, port.protocol, way);
    const isRouted = (address: string) => way.ways[familyOf(address)] === 'routed';
    routed.push(...asked.filter(isRouted).map((address) => routedBinding(port, address)));
    const hostAddresses = asked.filter((address) => !isRouted(address));
    if (hostAddresses.length === 0) continue;
    const partner = hostAddress === '::' ? claims.findIndex((claim) => awaitsIpv6(claim, port)) : -1;
    const claim = claims[partner];
    if (claim) claims[partner] = { ...claim, hostAddresses: ['0.0.0.0', '::'] };
    else claims.push({ ...port, hostAddresses });
  }
  return { claims: claims.toSorted((a, b) => choice(a) - choice(b)), routed };
}

/** What may be only one port comes before what may be one of several, or any: it would take the other's. */
function choice({ hostPort, lastHostPort = hostPort }: PortClaim): number {
  return hostPort === 0 ? Number.MAX_SAFE_INTEGER : lastHostPort - hostPort;
}

function addressesFor(
  hostAddress: string,
  protocol: string,
  { hostHasIpv6, ways }: PortWay,
): readonly string[] {
  const reaches4 = ways[4] !== 'none';
  if (hostAddress !== '') return reaches4 || hostAddress.includes(':') ? [hostAddress] : [];
  const isProxied = protocol === 'tcp' && ways[4] === 'translated';
  const reaches6 = hostHasIpv6 && (ways[6] !== 'none' || isProxied);
  return [...(reaches4 ? ['0.0.0.0'] : []), ...(reaches6 ? ['::'] : [])];
}

function routedBinding({ protocol, containerPort }: Omit<PortBinding, 'hostAddress'>, hostAddress: string) {
  return { protocol, containerPort, hostAddress, hostPort: 0, routed: true };
}

function familyOf(address: string): Family {
  return address.includes(':') ? 6 : 4;
}

function awaitsIpv6(claim: PortClaim, port: Omit<PortBinding, 'hostAddress'>): boolean {
  return (
    claim.hostAddresses[0] === '0.0.0.0' &&
    claim.protocol === port.protocol &&
    claim.containerPort === port.containerPort &&
    claim.hostPort === port.hostPort &&
    claim.lastHostPort === port.lastHostPort
  );
}
