/** An IPv4 network. */
export interface Subnet {
  /** Its first address, as a number. */
  readonly base: number;
  readonly prefixLength: number;
}

/** "10.213.0.0/24"; undefined when it is none or has host bits set. */
export function parseSubnet(text: string): Subnet | undefined {
  const [address, length, ...rest] = text.split('/');
  const base = parseAddress(address ?? '');
  if (base === undefined || length === undefined || rest.length > 0 || !/^\d{1,2}$/.test(length))
    return undefined;
  const prefixLength = Number(length);
  if (prefixLength > 32 || base % sizeOf(prefixLength) !== 0) return undefined;
  return { base, prefixLength };
}

export function formatSubnet({ base, prefixLength }: Subnet): string {
  return `${formatAddress(base)}/${prefixLength}`;
}

/** The machine's own address in it: the first. */
export function gatewayOf(subnet: Subnet): string {
  return formatAddress(subnet.base + 1);
}

/** The first address that is neither the network's, the gateway's, the broadcast's nor taken. */
export function freeAddress(subnet: Subnet, taken: ReadonlySet<string>): string | undefined {
  const last = subnet.base + sizeOf(subnet.prefixLength) - 1;
  for (let number = subnet.base + 2; number < last; number += 1) {
    const address = formatAddress(number);
    if (!taken.has(address)) return address;
  }
  return undefined;
}

export function overlaps(one: Subnet, other: Subnet): boolean {
  const size = sizeOf(Math.min(one.prefixLength, other.prefixLength));
  return Math.floor(one.base / size) === Math.floor(other.base / size);
}

/** Networks to try in turn, the preferred one first: 10.213.0.0/24, 10.214.0.0/24, … */
export function candidates(preferred: Subnet): readonly Subnet[] {
  const others = Array.from({ length: 41 }, (_, index) => ({
    base: (10 * 256 + 214 + index) * 65_536,
    prefixLength: 24,
  }));
  return [preferred, ...others];
}

function sizeOf(prefixLength: number): number {
  return 2 ** (32 - prefixLength);
}

function parseAddress(text: string): number | undefined {
  if (!/^(?:\d{1,3}\.){3}\d{1,3}$/.test(text)) return undefined;
  const bytes = text.split('.').map(Number);
  return bytes.some((byte) => byte > 255) ? undefined : bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

export function formatAddress(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.');
}
