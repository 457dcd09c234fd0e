import type { GatewayMode } from './bridge-options.js';
import type { Family } from './ip.js';
import type { PortBinding } from './network.js';

/** Text for `nft -f -` (nft(8)); nothing here runs anything. All rules are in a table of ours for each family. */

/** A port of the host's addresses of one family that leads to a container's address of that family. */
export interface Publication {
  readonly protocol: PortBinding['protocol'];
  /** "0.0.0.0" or "::" for all addresses of the host. */
  readonly hostAddress: string;
  readonly hostPort: number;
  readonly address: string;
  readonly containerPort: number;
  /** No port of the host's: the container's own is open to the world. */
  readonly routed?: boolean;
  /** No port of the host's: the container's own is open to this address of its network, whose containers are kept apart. */
  readonly linkedTo?: string;
}

export interface RulesetNetwork {
  readonly bridge: string;
  readonly subnets: Readonly<Record<Family, readonly string[]>>;
  readonly internal: boolean;
  /** Whether its containers may talk to each other. */
  readonly icc: boolean;
  readonly masquerade: boolean;
  readonly gatewayMode: Readonly<Record<Family, GatewayMode>>;
  /** What the world sees its containers as; undefined for the address of the interface that leads there. */
  readonly hostAddress: Readonly<Record<Family, string | undefined>>;
}

interface Dialect {
  readonly family: Family;
  readonly table: string;
  readonly ip: string;
  readonly addressType: string;
  readonly loopback: string;
  readonly wildcard: string;
}

const v4: Dialect = {
  ...{ family: 4, table: 'ip tsmachine', ip: 'ip', addressType: 'ipv4_addr' },
  ...{ loopback: '127.0.0.0/8', wildcard: '0.0.0.0' },
};
const v6: Dialect = {
  ...{ family: 6, table: 'ip6 tsmachine', ip: 'ip6', addressType: 'ipv6_addr' },
  ...{ loopback: '::1', wildcard: '::' },
};
const protocols = ['tcp', 'udp', 'sctp'] as const;

/** Removes our tables whether they are there or not; in one transaction with what follows. */
export function dropTables(hostHasIpv6: boolean): string {
  return [v4, ...(hostHasIpv6 ? [v6] : [])]
    .map(({ table }) => `add table ${table}\ndelete table ${table}\n`)
    .join('');
}

/**
 * The tables whole, in place of those before, in one transaction. The one of IPv6 is there only where a network
 * has IPv6.
 *
 * Ports lead to containers for packets from outside (prerouting) and for the host's own (output, with IPv4 also to
 * 127.0.0.1: the bridge's route_localnet lets these through; ::1 has a proxy, ipv6-proxy.ts). The answer finds its
 * way back because the source becomes the bridge's address where it is loopback, or where it is a container on the
 * same bridge (which would answer directly otherwise). From outside nothing reaches a container but what was
 * published, and the bridge's route_localnet opens the host's loopback to nobody. Networks are kept apart, but for
 * what is published; an internal one sees itself and the host only.
 */
export function wholeTables(
  networks: readonly RulesetNetwork[],
  publications: readonly Publication[],
  hostHasIpv6: boolean,
): string {
  const withIpv6 = hostHasIpv6 && networks.some(({ subnets }) => subnets[6].length > 0);
  const dialects = withIpv6 ? [v4, v6] : [v4];
  return [
    dropTables(hostHasIpv6),
    ...dialects.map((dialect) => tableOf(dialect, networks)),
    addElements(publications),
  ].join('');
}

export function addElements(publications: readonly Publication[]): string {
  return publications
    .map((one) => {
      const value = one.routed || one.linkedTo ? '' : ` : ${one.address} . ${one.containerPort}`;
      return `add element ${mapOf(one)} { ${keyOf(one)}${value} }\n`;
    })
    .join('');
}

export function deleteElements(publications: readonly Publication[]): string {
  return publications.map((one) => `delete element ${mapOf(one)} { ${keyOf(one)} }\n`).join('');
}

function tableOf(dialect: Dialect, networks: readonly RulesetNetwork[]): string {
  const { table, ip, loopback } = dialect;
  const all = nameSet(networks);
  // The address first: every packet comes by, and hardly any is from or to there.
  const guards = `    ${ip} daddr ${loopback} iifname ${all} drop
    ${ip} saddr ${loopback} iifname ${all} drop
`;
  return `table ${table} {
${protocols.map((protocol) => maps(dialect, protocol)).join('')}
  chain guard {
    type filter hook prerouting priority raw; policy accept;
${all && guards}  }
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    fib daddr type local ${ip} daddr != ${loopback} jump publish
  }
  chain output {
    type nat hook output priority -100; policy accept;
    fib daddr type local ${dialect.family === 6 ? 'ip6 daddr != ::1 ' : ''}jump publish
  }
  chain publish {
${protocols.map((protocol) => lookups(dialect, protocol)).join('')}  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
${networks.flatMap((network) => translations(dialect, network)).join('')}  }
  chain forward {
    type filter hook forward priority filter; policy accept;
${all && forwarding(dialect, networks, all)}  }
}
`;
}

function translations({ family, ip, loopback }: Dialect, network: RulesetNetwork): readonly string[] {
  const { bridge, subnets, internal, masquerade, gatewayMode, hostAddress } = network;
  const translates = masquerade && !internal && gatewayMode[family] !== 'routed';
  const source = hostAddress[family] ? `snat to ${hostAddress[family]}` : 'masquerade';
  return [
    ...subnets[family].flatMap((subnet) => [
      ...(translates ? [`    ${ip} saddr ${subnet} oifname != "${bridge}" ${source}\n`] : []),
      `    ${ip} saddr ${subnet} oifname "${bridge}" ct status dnat masquerade\n`,
    ]),
    ...(family === 4 ? [`    ip saddr ${loopback} oifname "${bridge}" masquerade\n`] : []),
  ];
}

function forwarding({ family, ip }: Dialect, networks: readonly RulesetNetwork[], all: string): string {
  const internal = networks.filter((network) => network.internal);
  const closed = networks.filter(({ icc }) => !icc);
  const inMode = (mode: GatewayMode) =>
    networks.filter((network) => network.gatewayMode[family] === mode && !network.internal);
  const icmp = family === 4 ? 'icmp' : 'ipv6-icmp';
  return [
    'ct state established,related accept', // first: nearly all packets are of a connection that was let in
    ...internal.map(({ bridge }) => `iifname "${bridge}" oifname != "${bridge}" drop`),
    ...internal.map(({ bridge }) => `oifname "${bridge}" iifname != "${bridge}" drop`),
    `oifname ${all} ct status dnat accept`,
    ...protocols.map(
      (protocol) => `oifname ${all} ${ip} daddr . ${protocol} dport @${protocol}_routed accept`,
    ),
    ...closed.flatMap(({ bridge }) => [
      ...protocols.map(
        (protocol) =>
          `iifname "${bridge}" oifname "${bridge}" ${ip} saddr . ${ip} daddr . ${protocol} dport @${protocol}_linked accept`,
      ),
      `iifname "${bridge}" oifname "${bridge}" drop`,
    ]),
    ...networks.map(({ bridge }) => `iifname "${bridge}" oifname "${bridge}" accept`),
    `iifname ${all} oifname ${all} drop`,
    `iifname ${all} accept`,
    ...inMode('nat-unprotected').map(({ bridge }) => `oifname "${bridge}" accept`),
    ...inMode('routed').map(({ bridge }) => `oifname "${bridge}" meta l4proto ${icmp} accept`),
    `oifname ${all} drop`,
  ]
    .map((rule) => `    ${rule}\n`)
    .join('');
}

/** "" when there is none: nft knows no empty set. */
function nameSet(networks: readonly RulesetNetwork[]): string {
  if (networks.length === 0) return '';
  return `{ ${networks.map(({ bridge }) => `"${bridge}"`).join(', ')} }`;
}

function maps({ addressType }: Dialect, protocol: string): string {
  return `  map ${protocol}_any { type inet_service : ${addressType} . inet_service; }
  map ${protocol}_address { type ${addressType} . inet_service : ${addressType} . inet_service; }
  set ${protocol}_routed { type ${addressType} . inet_service; }
  set ${protocol}_linked { type ${addressType} . ${addressType} . inet_service; }
`;
}

function lookups({ ip }: Dialect, protocol: string): string {
  return `    dnat ${ip} to ${ip} daddr . ${protocol} dport map @${protocol}_address
    dnat ${ip} to ${protocol} dport map @${protocol}_any
`;
}

function dialectOf({ hostAddress }: Publication): Dialect {
  return hostAddress.includes(':') ? v6 : v4;
}

function mapOf(one: Publication): string {
  const { table, wildcard } = dialectOf(one);
  if (one.linkedTo) return `${table} ${one.protocol}_linked`;
  if (one.routed) return `${table} ${one.protocol}_routed`;
  return `${table} ${one.protocol}_${one.hostAddress === wildcard ? 'any' : 'address'}`;
}

function keyOf(one: Publication): string {
  const { hostAddress, hostPort, routed, linkedTo, address, containerPort } = one;
  if (linkedTo) return `${linkedTo} . ${address} . ${containerPort}`;
  if (routed) return `${address} . ${containerPort}`;
  return hostAddress === dialectOf(one).wildcard ? String(hostPort) : `${hostAddress} . ${hostPort}`;
}
