import { Flags } from '@oclif/core';
import type { NetworkEndpoint } from '../../api/client/networks.js';
import { csvFields } from './csv.js';
import { conflictingOptions, flagInvalid } from './errors.js';
import { networkEndpoint } from './network-endpoint.js';

const list = { multiple: true, multipleNonGreedy: true } as const;

export const networkFlags = {
  network: Flags.string({
    ...{ description: 'network, host, none, or name=NETWORK,alias=NAME,ip=IP,…; several for several' },
    ...{ aliases: ['net'], helpValue: 'NETWORK', ...list },
  }),
  'network-alias': Flags.string({
    description: 'further name in the network',
    aliases: ['net-alias'],
    ...list,
  }),
  ip: Flags.string({ description: 'IPv4 address', helpValue: 'IP' }),
  ip6: Flags.string({ description: 'IPv6 address', helpValue: 'IP' }),
  'link-local-ip': Flags.string({ description: 'link-local address', helpValue: 'IP', ...list }),
  'mac-address': Flags.string({ description: 'MAC address', helpValue: 'MAC' }),
  link: Flags.string({ description: 'link to another container', helpValue: 'NAME[:ALIAS]', ...list }),
};

export type NetworkFlags = {
  readonly [K in keyof typeof networkFlags]?: K extends 'ip' | 'ip6' | 'mac-address'
    ? string | undefined
    : readonly string[] | undefined;
};

export interface NetworkOptions {
  readonly mode: string;
  /** On the default network; on others they belong to the endpoint. */
  readonly links: readonly string[] | undefined;
  readonly endpoints: Readonly<Record<string, NetworkEndpoint>>;
}

/** The flags that are about one network are the first one's. Throws FLAG_INVALID, CONFLICTING_OPTIONS. */
export function networkOptions(flags: NetworkFlags): NetworkOptions {
  const written = (flags.network ?? []).map(parseNetwork);
  const [first = { name: 'default', endpoint: {} }, ...others] = written;
  const own = commonEndpoint(flags, isUserDefined(first.name));
  refuseTwice(own, first.endpoint);
  const addresses = { ...first.endpoint.IPAMConfig, ...own.IPAMConfig };
  const joined = Object.keys(addresses).length > 0 ? { IPAMConfig: addresses } : {};
  const endpoints = [{ name: first.name, endpoint: { ...first.endpoint, ...own, ...joined } }, ...others];
  const twice = endpoints.find(({ name }, at) => endpoints.findIndex((other) => other.name === name) !== at);
  if (twice) throw conflictingOptions(`network "${twice.name}" is specified multiple times`);
  // The engine joins the first network by its name alone.
  const needed =
    endpoints.length > 1 ? endpoints : endpoints.filter(({ endpoint }) => Object.keys(endpoint).length > 0);
  return {
    mode: first.name,
    links: isUserDefined(first.name) ? undefined : flags.link,
    endpoints: Object.fromEntries(needed.map(({ name, endpoint }) => [name, endpoint])),
  };
}

function commonEndpoint(flags: NetworkFlags, userDefined: boolean): NetworkEndpoint {
  return networkEndpoint({
    aliases: flags['network-alias'],
    links: userDefined ? flags.link : undefined,
    ip: flags.ip,
    ip6: flags.ip6,
    linkLocal: flags['link-local-ip'],
    macAddress: flags['mac-address'],
  });
}

/** In docker's words. */
function refuseTwice(own: NetworkEndpoint, perNetwork: NetworkEndpoint): void {
  const [ownAddresses = {}, addresses = {}] = [own.IPAMConfig, perNetwork.IPAMConfig];
  const both = (
    [
      ['--network-alias and per-network alias', own.Aliases && perNetwork.Aliases],
      ['--mac-address and per-network MAC address', own.MacAddress && perNetwork.MacAddress],
      ['--ip and per-network IPv4 address', ownAddresses.IPv4Address && addresses.IPv4Address],
      ['--ip6 and per-network IPv6 address', ownAddresses.IPv6Address && addresses.IPv6Address],
      [
        '--link-local-ip and per-network link-local IP addresses',
        ownAddresses.LinkLocalIPs && addresses.LinkLocalIPs,
      ],
    ] as const
  ).find(([, isBoth]) => isBoth);
  if (both) throw conflictingOptions(`conflicting options: cannot specify both ${both[0]}`);
}

interface NamedNetwork {
  readonly name: string;
  readonly endpoint: NetworkEndpoint;
}

const keys = ['name', 'alias', 'ip', 'ip6', 'link-local-ip', 'mac-address', 'driver-opt', 'gw-priority'];

/** A name, or fields of which one is the name. Throws FLAG_INVALID. */
function parseNetwork(flag: string): NamedNetwork {
  if (!flag.includes('=')) return { name: flag, endpoint: {} };
  const fields = csvFields(flag).map((field) => {
    const [key = '', value = ''] = field.split(/=(.*)/s);
    if (!keys.includes(key.trim().toLowerCase())) {
      throw flagInvalid('--network', flag, `invalid field key "${key}"`);
    }
    return { key: key.trim().toLowerCase(), value: value.trim() };
  });
  const all = (name: string) => {
    const values = fields.filter(({ key }) => key === name).map(({ value }) => value);
    return values.length > 0 ? values : undefined;
  };
  const name = all('name')?.at(-1);
  if (!name) throw flagInvalid('--network', flag, 'network name/id is not specified');
  return {
    name,
    endpoint: networkEndpoint({
      aliases: all('alias'),
      ip: all('ip')?.at(-1),
      ip6: all('ip6')?.at(-1),
      linkLocal: all('link-local-ip'),
      macAddress: all('mac-address')?.at(-1),
      driverOptions: all('driver-opt'),
      gatewayPriority: all('gw-priority')?.at(-1),
    }),
  };
}

function isUserDefined(network: string): boolean {
  return !['default', 'bridge', 'host', 'none'].includes(network) && !network.startsWith('container:');
}
