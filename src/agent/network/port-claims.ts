import { ipv6PortNotSupported } from './errors.js';
import type { PortBinding } from './network.js';
import type { PortClaim } from './port-allocator.js';

/**
 * What to ask the port allocator for. As Docker does: no address means all IPv4 addresses and, where the host has
 * IPv6, all IPv6 ones too, with the same port; so do two bindings of one port, for 0.0.0.0 and for ::. IPv6 is
 * served by a TCP proxy, so other protocols get IPv4 only; asking for their IPv6 throws IPV6_PORT_NOT_SUPPORTED.
 */
export function portClaims(bindings: readonly PortBinding[], hostHasIpv6: boolean): readonly PortClaim[] {
  const claims: PortClaim[] = [];
  for (const { hostAddress, ...port } of bindings) {
    if (hostAddress.includes(':') && port.protocol !== 'tcp') {
      throw ipv6PortNotSupported({ hostAddress, ...port });
    }
    const partner = hostAddress === '::' ? claims.findIndex((claim) => awaitsIpv6(claim, port)) : -1;
    const claim = claims[partner];
    if (claim) claims[partner] = { ...claim, hostAddresses: ['0.0.0.0', '::'] };
    else claims.push({ ...port, hostAddresses: addressesFor(hostAddress, port.protocol, hostHasIpv6) });
  }
  return claims;
}

function addressesFor(hostAddress: string, protocol: string, hostHasIpv6: boolean): readonly string[] {
  if (hostAddress !== '') return [hostAddress];
  return protocol === 'tcp' && hostHasIpv6 ? ['0.0.0.0', '::'] : ['0.0.0.0'];
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
