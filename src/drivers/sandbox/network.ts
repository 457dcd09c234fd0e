import { writeFile } from 'node:fs/promises';
import { isJsonObject } from '../../shared/json.js';
import { sandboxSubnetTaken } from './errors.js';
import { acceptForwarding, withdrawForwarding } from './forward-rules.js';
import type { SandboxSite } from './site.js';
import {
  candidates,
  formatAddress,
  formatSubnet,
  gatewayOf,
  overlaps,
  parseSubnet,
  type Subnet,
} from './subnet.js';
import { askTool, runTool } from './tools.js';

/** Makes what the sandboxes share: bridge, NAT, forwarding. Does nothing to what is there. Under the site's lock. */
export async function raiseNetwork(site: SandboxSite, subnet: Subnet): Promise<void> {
  const { bridge } = site;
  const isThere = await linkExists(bridge);
  await ipBatch([
    // A fixed address: otherwise it would change with the interfaces, and neighbours would lose it.
    ...(isThere
      ? []
      : [`link add name ${bridge} address ${macAddress(formatAddress(subnet.base))} type bridge`]),
    `addr replace ${gatewayOf(subnet)}/${subnet.prefixLength} dev ${bridge}`,
    `link set ${bridge} up`,
  ]);
  await writeFile('/proc/sys/net/ipv4/ip_forward', '1');
  await runTool(['nft', '-f', '-'], { input: ruleset(site, subnet) });
  await acceptForwarding(site);
}

/** The opposite, for the last sandbox. Forwarding stays on: others may rely on it by now. */
export async function lowerNetwork(site: SandboxSite): Promise<void> {
  await withdrawForwarding(site);
  // To declare it first makes the deletion succeed when it is not there.
  await runTool(['nft', '-f', '-'], {
    input: `table ip ${site.nftTable} {}\ndelete table ip ${site.nftTable}\n`,
  });
  await removeLink(site.bridge);
}

/**
 * Gives the sandbox whose PID 1 this is its eth0, connected to the bridge. The hardware address follows from the IP
 * address, so that neighbours who remember it still reach the sandbox after it was stopped and started.
 */
export async function connectSandbox(
  site: SandboxSite,
  { id, address, pid }: { readonly id: string; readonly address: string; readonly pid: number },
): Promise<void> {
  const name = interfaceOf(id);
  await removeLink(name);
  await ipBatch([
    `link add ${name} type veth peer name eth0 address ${macAddress(address)} netns ${pid}`,
    `link set ${name} master ${site.bridge} up`,
  ]);
}

export async function disconnectSandbox(id: string): Promise<void> {
  await removeLink(interfaceOf(id));
}

/** At most 15 characters (IFNAMSIZ). */
export function interfaceOf(id: string): string {
  return `tsms${id.slice(-8)}`;
}

/** `wanted` when the user asked for one; otherwise the site's, or the next that nothing here routes to. */
export async function chooseSubnet(site: SandboxSite, wanted: Subnet | undefined): Promise<Subnet> {
  const routed = await routedSubnets(site.bridge);
  const isTaken = (subnet: Subnet) => routed.some((other) => overlaps(subnet, other));
  if (wanted) {
    if (isTaken(wanted))
      throw sandboxSubnetTaken(formatSubnet(wanted), 'this machine already has a route to it');
    return wanted;
  }
  const preferred = parseSubnet(site.subnet);
  if (!preferred) throw new TypeError(`bad subnet ${site.subnet}`);
  return candidates(preferred).find((subnet) => !isTaken(subnet)) ?? preferred;
}

/** Routes to whole private ranges (10.0.0.0/8 through a VPN) do not count: a longer prefix wins over them. */
async function routedSubnets(bridge: string): Promise<readonly Subnet[]> {
  const { stdout } = await runTool(['ip', '-json', '-4', 'route', 'show', 'table', 'all']);
  const routes: unknown = JSON.parse(stdout || '[]');
  if (!Array.isArray(routes)) return [];
  return routes.flatMap((route: unknown) => {
    if (!isJsonObject(route) || route['dev'] === bridge || typeof route['dst'] !== 'string') return [];
    const subnet = parseSubnet(route['dst'].includes('/') ? route['dst'] : `${route['dst']}/32`);
    return subnet && subnet.prefixLength >= 16 ? [subnet] : [];
  });
}

/** Replaced as a whole in one transaction, so that it is right whatever was there. */
function ruleset({ nftTable, bridge }: SandboxSite, subnet: Subnet): string {
  return `table ip ${nftTable} {}
delete table ip ${nftTable}
table ip ${nftTable} {
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    ip saddr ${formatSubnet(subnet)} oifname != "${bridge}" masquerade
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname "${bridge}" accept
    oifname "${bridge}" accept
  }
}
`;
}

/** Locally administered, and different for every IP address, as Docker's. */
function macAddress(address: string): string {
  const bytes = address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'));
  return ['02', '42', ...bytes].join(':');
}

/** Its network namespace may end at the same time and take it along, which `ip` tells in several ways. */
async function removeLink(name: string): Promise<void> {
  if (!(await linkExists(name))) return;
  const removed = await askTool(['ip', 'link', 'delete', 'dev', name]);
  if (removed.code === 0 || !(await linkExists(name))) return;
  throw new Error(`ip link delete ${name}: ${removed.stderr.trim()}`);
}

async function linkExists(name: string): Promise<boolean> {
  return (await askTool(['ip', 'link', 'show', 'dev', name])).code === 0;
}

async function ipBatch(lines: readonly string[]): Promise<void> {
  await runTool(['ip', '-batch', '-'], { input: `${lines.join('\n')}\n` });
}
