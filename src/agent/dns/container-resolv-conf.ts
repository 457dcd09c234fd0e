import { isLoopback } from '../../shared/ip-address.js';
import { publicServers, type ResolvConf, serverAddress } from './resolv-conf.js';

/** Whether one of the options is a valid "ndots:N". */
export function setsNdots(options: readonly string[]): boolean {
  return options.some((option) => /^ndots:\d+$/.test(option));
}

/** What a container's own settings say (`--dns`, `--dns-search`, `--dns-option`). */
export interface DnsSettings {
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

/** Who is to use the file: a container in the host's network, one with a name server of its own, or another one. */
export type ResolvConfUse = 'host' | 'names' | 'plain';

/**
 * A container's resolv.conf: the host's with the container's settings in place of its own. A server on the host's
 * loopback cannot be reached from another network namespace, nor one with an IPv6 address without IPv6.
 */
export function containerResolvConf(
  host: ResolvConf,
  own: DnsSettings,
  { use, ipv6 }: { readonly use: ResolvConfUse; readonly ipv6: boolean },
): string {
  const servers = own.servers.length > 0 ? own.servers : host.servers;
  const search = own.search.length > 0 ? own.search.filter((domain) => domain !== '.') : host.search;
  const options = own.options.length > 0 ? own.options : host.options;
  return [
    ...serversFor(servers, own.servers.length > 0, use, ipv6).map((address) => `nameserver ${address}\n`),
    ...line('search', search),
    ...line('options', use === 'names' ? withNdots(options) : options),
  ].join('');
}

function serversFor(
  servers: readonly string[],
  chosen: boolean,
  use: ResolvConfUse,
  ipv6: boolean,
): readonly string[] {
  if (use === 'names') return [serverAddress];
  if (use === 'host' || chosen) return servers;
  const reachable = servers.filter((address) => !isLoopback(address) && (ipv6 || !address.includes(':')));
  return reachable.length > 0 ? reachable : publicServers;
}

/** A single name is asked as it is: it may be a container's. An option that is no number is left out. */
function withNdots(options: readonly string[]): readonly string[] {
  const valid = options.filter((option) => !option.startsWith('ndots:') || setsNdots([option]));
  return setsNdots(valid) ? valid : [...valid, 'ndots:0'];
}

function line(keyword: string, values: readonly string[]): readonly string[] {
  return values.length > 0 ? [`${keyword} ${values.join(' ')}\n`] : [];
}
