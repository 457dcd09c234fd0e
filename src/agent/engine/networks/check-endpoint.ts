import { isIP, isIPv4, isIPv6 } from 'node:net';
import type { EndpointConfig } from '../../../api/container-config.js';
import type { NetworkInfo } from '../../network/network.js';
import { invalidOption } from '../errors.js';

/**
 * What a container asks of a network, as far as it can be judged without taking it; `network` is undefined when it
 * is not there yet. Throws OPTION_INVALID in moby's words (daemon/container_operations.go).
 */
export function checkEndpoint(config: EndpointConfig, network: NetworkInfo | undefined): void {
  const { IPAMConfig: { IPv4Address, IPv6Address, LinkLocalIPs } = {}, Aliases } = config;
  if (IPv4Address && !isIPv4(IPv4Address)) throw invalid(`invalid IPv4 address: ${IPv4Address}`);
  if (IPv6Address && !isIPv6(IPv6Address)) throw invalid(`invalid IPv6 address: ${IPv6Address}`);
  for (const address of LinkLocalIPs ?? []) {
    if (isIP(address) === 0) throw invalid(`invalid link-local IP address: ${address}`);
  }
  if (config.MacAddress && !isMacAddress(config.MacAddress)) {
    throw invalidOption(`invalid MAC address: ${config.MacAddress}`);
  }
  if (!network?.predefined) return;
  if (IPv4Address || IPv6Address) {
    throw invalidOption('user specified IP address is supported on user defined networks only');
  }
  if (Aliases?.length) {
    throw invalidOption('network-scoped alias is supported only for containers in user defined networks');
  }
}

function invalid(reason: string) {
  return invalidOption(`invalid endpoint settings:\n${reason}`);
}

/** Of one interface: the lowest bit of the first byte is a group's. */
function isMacAddress(text: string): boolean {
  return /^[\da-f][02468ace](:[\da-f]{2}){5}$/i.test(text);
}
