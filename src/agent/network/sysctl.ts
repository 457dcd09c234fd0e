import { readFile, writeFile } from 'node:fs/promises';

/** "net.ipv4.ip_forward" → writes /proc/sys/net/ipv4/ip_forward, unless it has the value already. */
export async function setSysctl(path: readonly string[], value: string): Promise<void> {
  const file = `/proc/sys/${path.join('/')}`;
  if ((await readFile(file, 'utf8')).trim() !== value) await writeFile(file, value);
}

/** Whether the host has any IPv6 address, its loopback's included. */
export async function hostHasIpv6(): Promise<boolean> {
  const addresses = await readFile('/proc/self/net/if_inet6', 'utf8').catch(() => '');
  return addresses !== '';
}
