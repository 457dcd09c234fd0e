import { closeSync, writeFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { inNetworkNamespace, openNetworkNamespace } from '../kernel/network-namespace.js';

/**
 * Lets a bridge send a packet out of the port that it came in by: with br_netfilter, address translation of
 * a container's packet to its own published port asks for that.
 */
export async function setHairpin(link: string): Promise<void> {
  await writeFile(`/sys/class/net/${link}/brport/hairpin_mode`, '1');
}

/** ["net", "ipv4", "ip_forward"] → /proc/sys/net/ipv4/ip_forward, unless it has the value already. */
export async function setSysctl(path: readonly string[], value: string): Promise<void> {
  const file = `/proc/sys/${path.join('/')}`;
  if ((await readFile(file, 'utf8')).trim() !== value) await writeFile(file, value);
}

/** Of a process's network namespace, by their names with dots; an interface's name may have dots itself. Throws ENOENT. */
export function setSysctlsIn(pid: number, sysctls: Readonly<Record<string, string>>): void {
  const namespace = openNetworkNamespace(pid);
  try {
    inNetworkNamespace(namespace, () => {
      for (const [name, value] of Object.entries(sysctls)) {
        const [net, protocol, group, ...rest] = name.split('.');
        const path = [net, protocol, group, rest.slice(0, -1).join('.'), rest.at(-1)].join('/');
        writeFileSync(`/proc/sys/${path}`, value);
      }
    });
  } finally {
    closeSync(namespace);
  }
}

/** Whether the host has any IPv6 address, its loopback's included. */
export async function hostHasIpv6(): Promise<boolean> {
  const addresses = await readFile('/proc/self/net/if_inet6', 'utf8').catch(() => '');
  return addresses !== '';
}

/**
 * Makes the host a router of IPv6. A router ignores the announcements of others unless told otherwise: interfaces
 * that have their addresses from them are told, before (Documentation/networking/ip-sysctl, accept_ra).
 */
export async function enableIpv6Forwarding(): Promise<void> {
  const conf = '/proc/sys/net/ipv6/conf';
  if ((await readFile(`${conf}/all/forwarding`, 'utf8')).trim() === '1') return;
  for (const name of await readdir(conf)) {
    const value = await readFile(`${conf}/${name}/accept_ra`, 'utf8').catch(() => '');
    if (value.trim() === '1') await writeFile(`${conf}/${name}/accept_ra`, '2').catch(() => {});
  }
  await writeFile(`${conf}/all/forwarding`, '1');
}
