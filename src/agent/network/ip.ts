import { isIPv6 } from 'node:net';
import { TsmachineError } from '../../shared/errors.js';

export type Family = 4 | 6;

/** An IPv4 or IPv6 address: an unsigned number of 32 or 128 bits in this folder, text at its edges. */
export interface Address {
  readonly family: Family;
  readonly value: bigint;
}

export interface Subnet {
  readonly family: Family;
  readonly base: bigint;
  readonly prefixLength: number;
}

/** "172.17.0.0/16", "fd00::/64"; the host part is cleared. Throws SUBNET_INVALID. */
export function parseSubnet(text: string): Subnet {
  const [address = '', length = '', ...rest] = text.split('/');
  const parsed = parseAddress(address);
  const prefixLength = Number(length);
  if (!parsed || rest.length > 0 || !/^\d{1,3}$/.test(length) || prefixLength > bitsOf(parsed.family)) {
    throw new TsmachineError('invalid-argument', 'SUBNET_INVALID', `invalid CIDR address: ${text}`);
  }
  return subnetOf(parsed, prefixLength);
}

export function subnetOf({ family, value }: Address, prefixLength: number): Subnet {
  return { family, base: value - (value % subnetSize({ family, base: 0n, prefixLength })), prefixLength };
}

export function formatSubnet(subnet: Subnet): string {
  return `${formatAddress({ family: subnet.family, value: subnet.base })}/${subnet.prefixLength}`;
}

/** How many addresses it has, the network's and the broadcast one included. */
export function subnetSize({ family, prefixLength }: Subnet): bigint {
  return 1n << BigInt(bitsOf(family) - prefixLength);
}

export function subnetsOverlap(one: Subnet, other: Subnet): boolean {
  return (
    one.family === other.family &&
    one.base < other.base + subnetSize(other) &&
    other.base < one.base + subnetSize(one)
  );
}

export function subnetContains(subnet: Subnet, { family, value }: Address): boolean {
  return family === subnet.family && value >= subnet.base && value < subnet.base + subnetSize(subnet);
}

/** Undefined when the text is neither four decimal bytes nor an IPv6 address without a zone. */
export function parseAddress(text: string): Address | undefined {
  if (text.includes(':')) return parseIpv6(text);
  const value = parseIpv4(text);
  return value === undefined ? undefined : { family: 4, value };
}

/** IPv6 as RFC 5952 wants it: lower case, the longest run of zeros shortened. */
export function formatAddress({ family, value }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
  const groups = Array.from({ length: 8 }, (_, at) =>
    ((value >> BigInt(112 - 16 * at)) & 0xffffn).toString(16),
  );
  const runs = groups.map((_, at) => groups.slice(at).findIndex((group) => group !== '0'));
  const lengths = runs.map((run, at) => (run === -1 ? 8 - at : run));
  const longest = Math.max(...lengths);
  if (longest < 2) return groups.join(':');
  const at = lengths.indexOf(longest);
  return `${groups.slice(0, at).join(':')}::${groups.slice(at + longest).join(':')}`;
}

/** Docker's MAC address for an IPv4 address: 02:42 (locally administered) and the four bytes. */
export function macAddressOf(ipv4: bigint): string {
  const hex = ipv4.toString(16).padStart(8, '0');
  return `02:42:${hex.match(/../g)?.join(':')}`;
}

/** fe80::/64 with the MAC address in it (RFC 4291, appendix A). */
export function linkLocalOf(macAddress: string): string {
  const [first = '0', ...rest] = macAddress.split(':');
  const flipped = (Number.parseInt(first, 16) ^ 2).toString(16).padStart(2, '0');
  const hex = [flipped, rest[0], rest[1], 'ff', 'fe', ...rest.slice(2)].join('');
  return formatAddress({ family: 6, value: (0xfe80n << 112n) + BigInt(`0x${hex}`) });
}

function bitsOf(family: Family): number {
  return family === 4 ? 32 : 128;
}

function parseIpv4(text: string): bigint | undefined {
  const bytes = text.split('.');
  if (bytes.length !== 4 || !bytes.every((byte) => /^(0|[1-9]\d{0,2})$/.test(byte) && Number(byte) < 256)) {
    return undefined;
  }
  return bytes.reduce((value, byte) => value * 256n + BigInt(byte), 0n);
}

function parseIpv6(text: string): Address | undefined {
  if (!isIPv6(text) || text.includes('%')) return undefined;
  const dotted = /(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1];
  const tail = dotted === undefined ? undefined : parseIpv4(dotted);
  const hex =
    tail === undefined
      ? text
      : `${text.slice(0, -(dotted ?? '').length)}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`;
  const [left = '', right] = hex.split('::');
  const before = left === '' ? [] : left.split(':');
  const after = right ? right.split(':') : [];
  const zeros = right === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after];
  return { family: 6, value: groups.reduce((value, group) => (value << 16n) + BigInt(`0x${group}`), 0n) };
}
