import { isJsonObject } from '../../shared/json.js';
import { runOrThrow } from '../../shared/spawn.js';
import { noFreeSubnet } from './errors.js';
import { parseIpv4, parseSubnet, type Subnet, subnetsOverlap } from './ipv4.js';

/** Docker's default address pools (dockerd's default-address-pools), in its order. */
const defaultPools: readonly Subnet[] = [
  ...Array.from({ length: 15 }, (_, index) => parseSubnet(`172.${17 + index}.0.0/16`)),
  ...Array.from({ length: 16 }, (_, index) => parseSubnet(`192.168.${16 * index}.0/20`)),
];

/** The first default pool that overlaps none of the used networks. Throws NO_FREE_SUBNET. */
export function chooseSubnet(used: readonly Subnet[]): Subnet {
  const free = defaultPools.find((pool) => !used.some((network) => subnetsOverlap(pool, network)));
  if (!free) throw noFreeSubnet();
  return free;
}

/** The destinations of the host's IPv4 routes in all tables, but for the default route and `exceptDevice`'s. */
export async function routedSubnets(exceptDevice: string): Promise<readonly Subnet[]> {
  const argv = ['ip', '-j', '-4', 'route', 'show', 'table', 'all'];
  const { stdout } = await runOrThrow(argv, { timeoutMs: 10_000 });
  return parseRoutes(JSON.parse(stdout || '[]'), exceptDevice);
}

export function parseRoutes(routes: unknown, exceptDevice: string): readonly Subnet[] {
  if (!Array.isArray(routes)) return [];
  return routes.flatMap((route: unknown) => {
    if (!isJsonObject(route) || typeof route['dst'] !== 'string' || route['dev'] === exceptDevice) return [];
    const destination = route['dst'];
    if (destination === 'default' || destination === '0.0.0.0/0') return [];
    // A VPN's halves of everything (0.0.0.0/1, 128.0.0.0/1) leave no pool, yet conflict with none in practice.
    if (/\/[1-7]$/.test(destination)) return [];
    if (destination.includes('/')) return [parseSubnet(destination)];
    return parseIpv4(destination) === undefined ? [] : [parseSubnet(`${destination}/32`)];
  });
}
