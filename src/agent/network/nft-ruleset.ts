import type { PortBinding } from './network.js';

/** Text for `nft -f -` (nft(8)); nothing here runs anything. All rules are in one table of ours. */

/** A port of the host's IPv4 addresses that leads to a container. */
export interface Publication {
  readonly protocol: PortBinding['protocol'];
  /** "0.0.0.0" for all addresses of the host. */
  readonly hostAddress: string;
  readonly hostPort: number;
  readonly address: string;
  readonly containerPort: number;
}

export interface RulesetNetwork {
  readonly bridge: string;
  readonly subnet: string;
}

const table = 'ip tsmachine';
const protocols = ['tcp', 'udp', 'sctp'] as const;

/** Removes our table whether it is there or not; in one transaction with what follows. */
export const dropTable = `add table ${table}\ndelete table ${table}\n`;

/**
 * The whole table, in place of the one before, in one transaction.
 *
 * Ports lead to containers for packets from outside (prerouting) and for the host's own (output, also to 127.0.0.1:
 * the bridge's route_localnet lets these through). The answer finds its way back because the source becomes the
 * bridge's address where it is loopback, or where it is a container on the same bridge (which would answer
 * directly otherwise). From outside nothing reaches a container but what was published, and the bridge's
 * route_localnet opens the host's loopback to nobody.
 */
export function wholeTable(network: RulesetNetwork, publications: readonly Publication[]): string {
  const { bridge, subnet } = network;
  return `${dropTable}table ${table} {
${protocols.map((protocol) => maps(protocol)).join('')}
  chain guard {
    type filter hook prerouting priority raw; policy accept;
    iifname "${bridge}" ip daddr 127.0.0.0/8 drop
    iifname "${bridge}" ip saddr 127.0.0.0/8 drop
  }
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    fib daddr type local ip daddr != 127.0.0.0/8 jump publish
  }
  chain output {
    type nat hook output priority -100; policy accept;
    fib daddr type local jump publish
  }
  chain publish {
${protocols.map((protocol) => lookups(protocol)).join('')}  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${subnet} oifname != "${bridge}" masquerade
    ip saddr 127.0.0.0/8 oifname "${bridge}" masquerade
    ip saddr ${subnet} oifname "${bridge}" ct status dnat masquerade
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname "${bridge}" accept
    oifname "${bridge}" ct state established,related accept
    oifname "${bridge}" ct status dnat accept
    oifname "${bridge}" drop
  }
}
${addElements(publications)}`;
}

export function addElements(publications: readonly Publication[]): string {
  return publications
    .map((one) => `add element ${table} ${mapOf(one)} { ${keyOf(one)} : ${target(one)} }\n`)
    .join('');
}

export function deleteElements(publications: readonly Publication[]): string {
  return publications.map((one) => `delete element ${table} ${mapOf(one)} { ${keyOf(one)} }\n`).join('');
}

function maps(protocol: string): string {
  return `  map ${protocol}_any { type inet_service : ipv4_addr . inet_service; }
  map ${protocol}_address { type ipv4_addr . inet_service : ipv4_addr . inet_service; }
`;
}

function lookups(protocol: string): string {
  return `    dnat ip to ip daddr . ${protocol} dport map @${protocol}_address
    dnat ip to ${protocol} dport map @${protocol}_any
`;
}

function mapOf({ protocol, hostAddress }: Publication): string {
  return `${protocol}_${hostAddress === '0.0.0.0' ? 'any' : 'address'}`;
}

function keyOf({ hostAddress, hostPort }: Publication): string {
  return hostAddress === '0.0.0.0' ? String(hostPort) : `${hostAddress} . ${hostPort}`;
}

function target({ address, containerPort }: Publication): string {
  return `${address} . ${containerPort}`;
}
