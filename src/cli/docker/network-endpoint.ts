import type { NetworkEndpoint } from '../../api/client/networks.js';
import { parseKeyValues } from './key-values.js';

export interface EndpointFlags {
  readonly aliases?: readonly string[] | undefined;
  readonly links?: readonly string[] | undefined;
  readonly ip?: string | undefined;
  readonly ip6?: string | undefined;
  readonly linkLocal?: readonly string[] | undefined;
  readonly driverOptions?: readonly string[] | undefined;
}

/** What was not given is absent, so that the engine chooses. Throws FLAG_INVALID. */
export function networkEndpoint(flags: EndpointFlags): NetworkEndpoint {
  const { aliases, links, ip, ip6, linkLocal, driverOptions } = flags;
  const addresses = {
    ...(ip !== undefined && { IPv4Address: ip }),
    ...(ip6 !== undefined && { IPv6Address: ip6 }),
    ...(linkLocal && { LinkLocalIPs: linkLocal }),
  };
  return {
    ...(aliases && { Aliases: aliases }),
    ...(links && { Links: links }),
    ...(driverOptions && { DriverOpts: parseKeyValues('--driver-opt', driverOptions) }),
    ...(Object.keys(addresses).length > 0 && { IPAMConfig: addresses }),
  };
}
