import { chown, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { containerResolvConf, type ResolvConfUse } from '../../dns/container-resolv-conf.js';
import { parseResolvConf } from '../../dns/resolv-conf.js';
import type { Endpoint } from '../../network/network.js';
import { hostRoot } from '../../userns/id-map.js';
import { servesNames } from '../networks/names-served.js';
import type { ContainerContext } from './context.js';
import { changedHosts, extraHostsLine, hostsFile, ownHostsLine } from './hosts-file.js';
import { linkedAtStart } from './links.js';
import { networkMode } from './network-mode.js';
import type { ContainerRecord } from './record.js';

/**
 * Writes what is bound on /etc/hosts, /etc/hostname and /etc/resolv.conf. They are made anew at each start and
 * need not survive a power cut.
 */
export async function writeNetworkFiles(
  context: ContainerContext,
  record: ContainerRecord,
  endpoints: readonly Endpoint[],
): Promise<void> {
  const { paths } = context;
  const { id, config } = record;
  const use = resolvConfUse(context, record, endpoints);
  const texts = [
    [paths.hosts(id), await hostsText(context, record, endpoints)],
    [paths.hostname(id), `${config.Hostname ?? ''}\n`],
    [paths.resolvConf(id), await resolvConfText(record, endpoints, use)],
  ] as const;
  await Promise.all(texts.map(([path, text]) => writeOwn(path, text, record)));
}

/** Root in the container may change it. */
async function writeOwn(path: string, text: string, { idMap }: ContainerRecord): Promise<void> {
  await writeFile(path, text, { mode: 0o644 });
  if (!idMap) return;
  const { uid, gid } = hostRoot(idMap);
  await chown(path, uid, gid);
}

/** What changes in the files of a container that runs when it comes onto a network, or leaves one. */
export async function updateNetworkFiles(
  context: ContainerContext,
  record: ContainerRecord,
  change: {
    readonly before: readonly Endpoint[];
    readonly after: readonly Endpoint[];
  },
): Promise<void> {
  const { paths } = context;
  const path = paths.hosts(record.id);
  const [remove, add] = [change.before, change.after].map((endpoints) => ownLines(record, endpoints));
  const text = await readText(path);
  // In place: another file of that name would not be the one that is bound in the container.
  await writeFile(path, changedHosts(text, { add: add ?? [], remove: without(remove ?? [], add ?? []) }));
  const uses = [change.before, change.after].map((endpoints) => resolvConfUse(context, record, endpoints));
  if (uses[0] === uses[1]) return;
  const [before, after] = await Promise.all([
    resolvConfText(record, change.before, uses[0] ?? 'plain'),
    resolvConfText(record, change.after, uses[1] ?? 'plain'),
  ]);
  // One that the container has changed is left alone, as by dockerd.
  if ((await readText(paths.resolvConf(record.id))) === before) {
    await writeFile(paths.resolvConf(record.id), after);
  }
}

/** What the container's host name is where the user gives none. */
export function defaultHostname(id: string, network: string): string {
  return network === 'host' ? hostname() : id.slice(0, 12);
}

async function hostsText(
  context: ContainerContext,
  record: ContainerRecord,
  endpoints: readonly Endpoint[],
): Promise<string> {
  const gateway = context.networks.byName('bridge')?.blocks[0]?.gateway ?? '';
  const extra = (record.hostConfig.ExtraHosts ?? []).map((entry) => extraHostsLine(entry, gateway));
  if (networkMode(record.hostConfig).type !== 'host') {
    const linked = linkedAtStart(context, record).hosts;
    return hostsFile([...extra, ...linked, ...ownLines(record, endpoints)]);
  }
  return [(await readText('/etc/hosts')).trimEnd(), ...extra].map((line) => `${line}\n`).join('');
}

function ownLines({ config }: ContainerRecord, endpoints: readonly Endpoint[]): readonly string[] {
  const addresses = endpoints.flatMap(({ address, address6 }) => [address, address6]).filter(Boolean);
  return addresses.map((address) => ownHostsLine(address, config.Hostname ?? '', config.Domainname));
}

function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  return lines.filter((line) => !others.includes(line));
}

function resolvConfUse(
  { networks }: ContainerContext,
  { hostConfig }: ContainerRecord,
  endpoints: readonly Endpoint[],
): ResolvConfUse {
  if (networkMode(hostConfig).type === 'host') return 'host';
  return servesNames(networks, endpoints) ? 'names' : 'plain';
}

async function resolvConfText(
  { hostConfig }: ContainerRecord,
  endpoints: readonly Endpoint[],
  use: ResolvConfUse,
): Promise<string> {
  const { Dns = [], DnsSearch = [], DnsOptions = [] } = hostConfig;
  const own = { servers: Dns, search: DnsSearch, options: DnsOptions };
  const ipv6 = endpoints.some(({ address6 }) => address6 !== '');
  // The name server asks the stub itself; others need the real servers.
  const host = parseResolvConf(use === 'plain' ? await realResolvConf() : await readText('/etc/resolv.conf'));
  return containerResolvConf(host, own, { use, ipv6 });
}

/** systemd-resolved's stub listens on the host's loopback; its other file names the real servers. */
async function realResolvConf(): Promise<string> {
  const text = await readText('/etc/resolv.conf');
  const { servers } = parseResolvConf(text);
  if (servers.length !== 1 || servers[0] !== '127.0.0.53') return text;
  return (await readText('/run/systemd/resolve/resolv.conf')) || text;
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
