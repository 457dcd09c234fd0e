import { isJsonObject, type JsonObject } from '../../shared/json.js';
import { runOrThrow } from '../kernel/spawn.js';
import { noFreeSubnet, optionInvalid } from './errors.js';
import { parseAddress, parseSubnet, type Subnet, subnetSize, subnetsOverlap } from './ip.js';

/** An entry of dockerd's default-address-pools: networks of `size` bits out of `base`. */
export interface DefaultPool {
  readonly base: string;
  readonly size: number;
}

/** dockerd's own, in its order. */
export const dockerPools: readonly DefaultPool[] = [
  ...Array.from({ length: 15 }, (_, index) => ({ base: `172.${17 + index}.0.0/16`, size: 16 })),
  { base: '192.168.0.0/16', size: 20 },
];

/** The first network of the pools that overlaps none of the used ones. Throws NO_FREE_SUBNET. */
export function chooseSubnet(used: readonly Subnet[], pools: readonly DefaultPool[] = dockerPools): Subnet {
  for (const candidate of candidates(pools)) {
    if (!used.some((network) => subnetsOverlap(candidate, network))) return candidate;
  }
  throw noFreeSubnet();
}

/** Throws OPTION_INVALID for pools that no network can be taken from. */
export function checkPools(pools: readonly DefaultPool[]): readonly DefaultPool[] {
  for (const { base, size } of pools) {
    const { prefixLength, family } = parseSubnet(base);
    if (size < prefixLength || size > (family === 4 ? 30 : 126)) {
      throw optionInvalid(`invalid default address pool: base ${base}, size ${size}`);
    }
  }
  return pools;
}

/** A unique local /64 (RFC 4193) for a network that wants IPv6 and names no subnet: the same for the same ID. */
export function uniqueLocalSubnet(networkId: string): Subnet {
  return {
    family: 6,
    base: (0xfdn << 120n) + (BigInt(`0x${networkId.slice(0, 14)}`) << 64n),
    prefixLength: 64,
  };
}

export interface Route {
  readonly subnet: Subnet;
  readonly device: string;
  /** Of an interface's own network: what is in it is reached without a router. */
  readonly connected: boolean;
}

/** The IPv4 routes of the host in all tables, but for default routes. */
export async function hostRoutes(): Promise<readonly Route[]> {
  const { stdout } = await runOrThrow(['ip', '-j', '-4', 'route', 'show', 'table', 'all'], {
    timeoutMs: 10_000,
  });
  return parseRoutes(JSON.parse(stdout || '[]'));
}

export function parseRoutes(routes: unknown): readonly Route[] {
  if (!Array.isArray(routes)) return [];
  return routes.flatMap((route: unknown) => (isJsonObject(route) ? parseRoute(route) : []));
}

/** A VPN's halves of everything (0.0.0.0/1, 128.0.0.0/1) leave no pool, yet conflict with none in practice. */
function parseRoute({ dst, dev, scope, type }: JsonObject): readonly Route[] {
  if (typeof dst !== 'string' || /\/[0-7]$/.test(dst)) return [];
  const text = dst.includes('/') ? dst : `${dst}/32`;
  if (!parseAddress(text.split('/')[0] ?? '')) return []; // "default"
  const connected = scope === 'link' && type === undefined && !text.endsWith('/32');
  return [{ subnet: parseSubnet(text), device: typeof dev === 'string' ? dev : '', connected }];
}

function* candidates(pools: readonly DefaultPool[]): Generator<Subnet> {
  for (const { base, size } of pools) {
    const pool = parseSubnet(base);
    const step = subnetSize({ ...pool, prefixLength: size });
    for (let at = pool.base; at < pool.base + subnetSize(pool); at += step) {
      yield { family: pool.family, base: at, prefixLength: size };
    }
  }
}
