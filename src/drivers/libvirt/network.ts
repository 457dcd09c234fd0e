import { randomBytes } from 'node:crypto';
import { isTsmachineError } from '../../shared/errors.js';
import type { DomainNetwork, UserNetwork } from './domain/domain-xml.js';
import { networkMissing } from './errors.js';
import { freePorts } from './free-port.js';
import type { MachineSpec, NetworkChoice } from './machine-spec.js';
import type { Connection, DhcpLease, Domain, DomainInterface } from './native/libvirt.js';
import { escapeXml } from './xml.js';

/** Throws NETWORK_NOT_FOUND. */
export async function checkNetwork(
  connection: Connection,
  choice: NetworkChoice,
  signal: AbortSignal,
): Promise<void> {
  if (choice.kind !== 'network') return;
  if (await connection.findNetwork(choice.name, { signal })) return;
  throw networkMissing(choice.name, connection.uri);
}

/** A network that is not active is started: a domain on it could not be. */
export async function ensureNetwork(
  connection: Connection,
  network: DomainNetwork,
  signal: AbortSignal,
): Promise<void> {
  if (network.kind !== 'network') return;
  const found = await connection.findNetwork(network.name, { signal });
  if (!found) throw networkMissing(network.name, connection.uri);
  if (await found.isActive({ signal })) return;
  await found.create({ signal }).catch(async (error) => {
    // Another command may have started it at the same time.
    if (!(await found.isActive({ signal }))) throw error;
  });
}

export interface PlannedNetwork {
  readonly network: DomainNetwork;
  readonly sshPort: number;
  readonly enginePort?: number;
}

export interface PlannedUserNetwork extends PlannedNetwork {
  readonly network: UserNetwork;
}

export async function planNetwork({
  network,
  sshPort,
}: Pick<MachineSpec, 'network' | 'sshPort'>): Promise<PlannedNetwork> {
  const mac = randomMac();
  return network.kind === 'user'
    ? await planUserNetwork(mac, sshPort)
    : { network: { ...network, mac }, sshPort };
}

/** The agent listens in the guest on the very port that leads to it, so that its address is the same everywhere. */
export async function planUserNetwork(mac: string, guestSshPort: number): Promise<PlannedUserNetwork> {
  const [ssh, engine] = await freePorts();
  const forwards = [
    { from: ssh, to: guestSshPort },
    { from: engine, to: engine },
  ];
  return { network: { kind: 'user', mac, forwards }, sshPort: ssh, enginePort: engine };
}

/** Of the range that QEMU and libvirt use. */
function randomMac(): string {
  return ['52', '54', '00', ...(randomBytes(3).toString('hex').match(/../g) ?? [])].join(':');
}

/**
 * Where the guest answers: by its network's lease for its MAC (others, and old ones, are not its), else by what the
 * guest agent or the host's neighbours say.
 */
export async function findAddress(
  connection: Connection,
  network: DomainNetwork,
  domain: Domain,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (network.kind === 'user') return '127.0.0.1';
  const mac = network.mac || (await macOn(network.name, domain, signal));
  if (mac === '') return undefined;
  if (network.kind === 'network') {
    const leased = await leasedAddress(connection, network.name, mac, signal);
    if (leased !== undefined) return leased;
  }
  for (const source of ['agent', 'arp'] as const) {
    // No agent in the guest, or a source that this libvirt does not have, is no failure.
    const interfaces = await orNothing(domain.interfaces(source, { signal, timeoutMs: askMs }), signal);
    const addresses = addressesOf(interfaces, mac);
    const best = addresses.find(isReachableIpv4) ?? addresses.find(isReachableIpv6);
    if (best !== undefined) return best;
  }
  return undefined;
}

/** Empty where the domain is not on that network. */
async function macOn(network: string, domain: Domain, signal: AbortSignal): Promise<string> {
  const text = await domain.xml({}, { signal });
  const interfaces = text.match(/<interface\b[\s\S]*?<\/interface>/g) ?? [];
  const name = (each: string) => /<source\b[^>]*\bnetwork=['"]([^'"]+)/.exec(each)?.[1];
  const found = interfaces.find((each) => name(each) === escapeXml(network)) ?? '';
  return (/<mac\b[^>]*address=['"]([^'"]+)/.exec(found)?.[1] ?? '').toLowerCase();
}

const askMs = 5_000;

async function leasedAddress(
  connection: Connection,
  name: string,
  mac: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const network = await connection.findNetwork(name, { signal });
  if (!network) return undefined;
  const leases = await orNothing(network.leases(mac, { signal }), signal); // it may have no DHCP of its own
  return newestLease(leases, Date.now() / 1000)?.address;
}

async function orNothing<T>(answer: Promise<readonly T[]>, signal: AbortSignal): Promise<readonly T[]> {
  return answer.catch((error) => {
    signal.throwIfAborted();
    if (!isTsmachineError(error)) throw error;
    return [];
  });
}

function addressesOf(interfaces: readonly DomainInterface[], mac: string): readonly string[] {
  return interfaces
    .filter((candidate) => candidate.mac === mac)
    .flatMap(({ addresses }) => addresses.map(({ address }) => address));
}

/** Of several, the one that was renewed last; IPv4 before IPv6. */
export function newestLease<L extends Pick<DhcpLease, 'address' | 'expires'>>(
  leases: readonly L[],
  now: number,
): L | undefined {
  const valid = leases.filter(({ expires }) => expires === 0 || expires > now); // 0: it never ends
  const family = (lease: L) => (lease.address.includes(':') ? 1 : 0);
  const end = (lease: L) => (lease.expires === 0 ? Number.POSITIVE_INFINITY : lease.expires);
  return [...valid].sort((left, right) => family(left) - family(right) || end(right) - end(left))[0];
}

function isReachableIpv4(address: string): boolean {
  return /^\d+(\.\d+){3}$/.test(address) && !/^(127|169\.254)\./.test(address);
}

function isReachableIpv6(address: string): boolean {
  return address.includes(':') && !/^(fe80|::1)/i.test(address);
}
