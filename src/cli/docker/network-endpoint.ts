import type { NetworkEndpoint } from '../../api/client/networks.js';
import { parseKeyValues } from './key-values.js';
import { parseInteger } from './limits.js';

export interface EndpointFlags {
  readonly aliases?: readonly string[] | undefined;
  readonly links?: readonly string[] | undefined;
  readonly ip?: string | undefined;
  readonly ip6?: string | undefined;
  readonly linkLocal?: readonly string[] | undefined;
  readonly macAddress?: string | undefined;
  readonly driverOptions?: readonly string[] | undefined;
  /** The network with the highest has the default gateway. */
  readonly gatewayPriority?: string | undefined;
}

/** What was not given is absent, so that the engine chooses. Throws FLAG_INVALID. */
export function networkEndpoint(flags: EndpointFlags): NetworkEndpoint {
  const { aliases, links, ip, ip6, linkLocal, macAddress, driverOptions, gatewayPriority } = flags;
  const addresses = {
    ...(ip !== undefined && { IPv4Address: ip }),
    ...(ip6 !== undefined && { IPv6Address: ip6 }),
    ...(linkLocal && { LinkLocalIPs: linkLocal }),
  };
  return {
    ...(aliases && { Aliases: aliases }),
    ...(links && { Links: links }),
    ...(macAddress !== undefined && { MacAddress: macAddress }),
    ...(gatewayPriority !== undefined && { GwPriority: parseInteger('gw-priority', gatewayPriority) }),
    ...(driverOptions && { DriverOpts: parseKeyValues('--driver-opt', driverOptions) }),
    ...(Object.keys(addresses).length > 0 && { IPAMConfig: addresses }),
  };
}
