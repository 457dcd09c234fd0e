import { BlockList, isIP, isIPv4 } from 'node:net';
import { defaultDomain } from '../image/reference.js';

/**
 * Where to ask for the repositories of a domain, in this order. Docker Hub has an address of its own, and mirrors
 * (base URLs) may stand before it.
 */
export function registryHosts(domain: string, mirrors: readonly string[]): readonly string[] {
  return domain === defaultDomain ? [...mirrors, 'registry-1.docker.io'] : [domain];
}

/** Loopback is always insecure; the rest are listed by host, host:port or CIDR, as in docker's configuration. */
export function isInsecure(host: string, listed: readonly string[]): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  if (name === 'localhost' || listed.includes(host) || listed.includes(name)) return true;
  const family = isIP(name);
  return family !== 0 && blocks(listed).check(name, family === 4 ? 'ipv4' : 'ipv6');
}

function blocks(listed: readonly string[]): BlockList {
  const list = new BlockList();
  list.addSubnet('127.0.0.0', 8, 'ipv4');
  list.addAddress('::1', 'ipv6');
  for (const entry of listed) {
    const [network = '', prefix] = entry.split('/');
    if (prefix === undefined || isIP(network) === 0) continue;
    list.addSubnet(network, Number(prefix), isIPv4(network) ? 'ipv4' : 'ipv6');
  }
  return list;
}
