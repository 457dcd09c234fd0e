import { TsmachineError } from '../../shared/errors.js';

/** An IPv4 network. Addresses are unsigned 32-bit numbers in this folder, text at its edges. */
export interface Subnet {
  readonly base: number;
  readonly prefixLength: number;
}

/** "172.17.0.0/16" or "172.17.0.5/16" (the host part is cleared). Throws SUBNET_INVALID. */
export function parseSubnet(text: string): Subnet {
  const [address = '', length = ''] = text.split('/');
  const prefixLength = Number(length);
  const number = parseIpv4(address);
  if (number === undefined || !/^\d{1,2}$/.test(length) || prefixLength > 32) {
    throw new TsmachineError('invalid-argument', 'SUBNET_INVALID', `invalid CIDR address: ${text}`);
  }
  return { base: number - (number % subnetSize({ base: 0, prefixLength })), prefixLength };
}

export function formatSubnet(subnet: Subnet): string {
  return `${formatIpv4(subnet.base)}/${subnet.prefixLength}`;
}

/** How many addresses it has, the network's and the broadcast one included. */
export function subnetSize(subnet: Subnet): number {
  return 2 ** (32 - subnet.prefixLength);
}

export function subnetsOverlap(one: Subnet, other: Subnet): boolean {
  return one.base < other.base + subnetSize(other) && other.base < one.base + subnetSize(one);
}

/** Undefined when the text is not four decimal bytes. */
export function parseIpv4(text: string): number | undefined {
  const bytes = text.split('.');
  if (bytes.length !== 4 || !bytes.every((byte) => /^(0|[1-9]\d{0,2})$/.test(byte) && Number(byte) < 256)) {
    return undefined;
  }
  return bytes.reduce((value, byte) => value * 256 + Number(byte), 0);
}

export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

/** Docker's MAC address for an IPv4 address: 02:42 (locally administered) and the four bytes. */
export function macAddressOf(address: number): string {
  const bytes = [24, 16, 8, 0].map((shift) => ((address >>> shift) & 255).toString(16).padStart(2, '0'));
  return `02:42:${bytes.join(':')}`;
}
