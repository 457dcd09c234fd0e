import { readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Endpoint } from '../../network/network.js';
import type { ContainerContext } from './context.js';
import { networkMode } from './network-mode.js';
import type { ContainerRecord } from './record.js';

/**
 * Writes what is bound on /etc/hosts, /etc/hostname and /etc/resolv.conf. They are made anew at each start and
 * need not survive a power cut.
 */
export async function writeNetworkFiles(
  { paths, networks }: ContainerContext,
  record: ContainerRecord,
  endpoints: readonly Endpoint[],
): Promise<void> {
  const { id, config, hostConfig } = record;
  const name = config.Hostname ?? '';
  const usesHost = networkMode(hostConfig).type === 'host';
  const gateway = networks.byName('bridge')?.blocks[0]?.gateway ?? '';
  const extra = (hostConfig.ExtraHosts ?? []).map((entry) => hostsLine(entry, gateway));
  const addresses = endpoints.flatMap(({ address, address6 }) => [address, address6]).filter(Boolean);
  const hosts = usesHost
    ? [(await readText('/etc/hosts')).trimEnd(), ...extra]
    : [
        ...standardHosts,
        ...extra,
        ...addresses.map((each) => `${each}\t${fullName(config.Domainname, name)}`),
      ];
  await Promise.all([
    writeFile(paths.hosts(id), `${hosts.join('\n')}\n`, { mode: 0o644 }),
    writeFile(paths.hostname(id), `${name}\n`, { mode: 0o644 }),
    writeFile(paths.resolvConf(id), await resolvConf(record, usesHost), { mode: 0o644 }),
  ]);
}

/** What the container's host name is where the user gives none. */
export function defaultHostname(id: string, network: string): string {
  return network === 'host' ? hostname() : id.slice(0, 12);
}

const standardHosts = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::\tip6-localnet',
  'ff00::\tip6-mcastprefix',
  'ff02::1\tip6-allnodes',
  'ff02::2\tip6-allrouters',
];

function fullName(domain: string | undefined, name: string): string {
  return domain ? `${name}.${domain} ${name}` : name;
}

/** "name:address" or "name=address"; "host-gateway" is the host as seen from the bridge. */
function hostsLine(entry: string, gateway: string): string {
  const at = entry.search(/[:=]/);
  const address = entry.slice(at + 1).replace(/^\[(.*)\]$/, '$1');
  return `${address === 'host-gateway' ? gateway : address}\t${entry.slice(0, at)}`;
}

/**
 * The host's resolv.conf with the user's settings in place of its own. Name servers on the host's loopback cannot
 * be reached from another network namespace: without others, public ones stand in, as with dockerd.
 */
async function resolvConf({ hostConfig }: ContainerRecord, usesHost: boolean): Promise<string> {
  const { Dns = [], DnsSearch = [], DnsOptions = [] } = hostConfig;
  const host = parseResolvConf(await hostResolvConf());
  const reachable = usesHost ? host.servers : host.servers.filter((address) => !isLoopback(address));
  const fallback = reachable.length > 0 || usesHost ? reachable : ['8.8.8.8', '8.8.4.4'];
  const servers = Dns.length > 0 ? Dns : fallback;
  const search = DnsSearch.length > 0 ? DnsSearch.filter((domain) => domain !== '.') : host.search;
  const options = DnsOptions.length > 0 ? DnsOptions : host.options;
  return [
    ...servers.map((address) => `nameserver ${address}\n`),
    ...(search.length > 0 ? [`search ${search.join(' ')}\n`] : []),
    ...(options.length > 0 ? [`options ${options.join(' ')}\n`] : []),
  ].join('');
}

/** systemd-resolved's stub listens on the host's loopback; its other file names the real servers. */
async function hostResolvConf(): Promise<string> {
  const text = await readText('/etc/resolv.conf');
  const { servers } = parseResolvConf(text);
  if (servers.length !== 1 || servers[0] !== '127.0.0.53') return text;
  return (await readText('/run/systemd/resolve/resolv.conf')) || text;
}

function parseResolvConf(text: string) {
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/));
  const values = (keyword: string) => lines.filter(([first]) => first === keyword).map(([, ...rest]) => rest);
  return {
    servers: values('nameserver').flatMap(([address]) => address ?? []),
    search: values('search').at(-1) ?? [],
    options: values('options').at(-1) ?? [],
  };
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
