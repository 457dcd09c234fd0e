import { isIPv4, isIPv6 } from 'node:net';

/** The 4 or 16 bytes of an IP address (a zone is left out). Throws a TypeError for a text that is none. */
export function addressBytes(address: string): Buffer {
  const text = address.split('%', 1)[0] ?? '';
  if (isIPv4(text)) return Buffer.from(text.split('.').map(Number));
  if (!isIPv6(text)) throw new TypeError(`not an IP address: "${address}"`);
  const [head = '', tail] = hexadecimal(text).split('::');
  const before = groups(head);
  const after = groups(tail ?? '');
  const zeros: number[] = new Array(tail === undefined ? 0 : 8 - before.length - after.length).fill(0);
  return Buffer.from([...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff]));
}

/** "::ffff:1.2.3.4" as "::ffff:102:304". */
function hexadecimal(text: string): string {
  return text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, ...digits: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = digits.slice(0, 4).map(Number);
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
}

function groups(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

/** On a host's loopback interface: cannot be reached from another network namespace. */
export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}
