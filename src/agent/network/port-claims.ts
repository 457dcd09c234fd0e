import { ipv6PortNotSupported } from './errors.js';
import type { PortBinding } from './network.js';
import type { PortClaim } from './port-allocator.js';

export interface PortWay {
  readonly hostHasIpv6: boolean;
  /** Whether the container has an IPv6 address that the kernel can lead to. */
  readonly hasIpv6: boolean;
  /** The network's address for bindings without one; "" for all. */
  readonly hostBinding: string;
}

/**
 * What to ask the port allocator for. As Docker does: no address means all IPv4 addresses and, where the host has
 * IPv6, all IPv6 ones too, with the same port; so do two bindings of one port, for 0.0.0.0 and for ::. To a
 * container without IPv6 a TCP proxy leads, so other protocols get IPv4 only; asking for their IPv6 throws
 * IPV6_PORT_NOT_SUPPORTED.
 */
export function portClaims(bindings: readonly PortBinding[], way: PortWay): readonly PortClaim[] {
  const claims: PortClaim[] = [];
  for (const { hostAddress: given, ...port } of bindings) {
    const hostAddress = given || way.hostBinding;
    if (hostAddress.includes(':') && port.protocol !== 'tcp' && !way.hasIpv6) {
      throw ipv6PortNotSupported({ hostAddress, ...port });
    }
    const partner = hostAddress === '::' ? claims.findIndex((claim) => awaitsIpv6(claim, port)) : -1;
    const claim = claims[partner];
    if (claim) claims[partner] = { ...claim, hostAddresses: ['0.0.0.0', '::'] };
    else claims.push({ ...port, hostAddresses: addressesFor(hostAddress, port.protocol, way) });
  }
  return claims;
}

function addressesFor(hostAddress: string, protocol: string, way: PortWay): readonly string[] {
  if (hostAddress !== '') return [hostAddress];
  return way.hostHasIpv6 && (protocol === 'tcp' || way.hasIpv6) ? ['0.0.0.0', '::'] : ['0.0.0.0'];
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
