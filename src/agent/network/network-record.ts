import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson, writeJsonAtomically } from '../../shared/atomic-file.js';
import { randomId } from '../../shared/identifiers.js';
import { isJsonObject } from '../../shared/json.js';
import { formatAddress, formatSubnet, parseAddress, parseSubnet } from './ip.js';
import type { AddressBlock, NetworkInfo } from './network.js';
import { chooseSubnet, type DefaultPool, hostRoutes } from './subnet-choice.js';

/** What the agent's configuration says of the predefined bridge, in dockerd's words. */
export interface DefaultBridgeSettings {
  /** The bridge's own address with the prefix length: "10.9.0.1/24". */
  readonly bip?: string | undefined;
  /** Where containers' addresses are chosen from. */
  readonly fixedCidr?: string | undefined;
  readonly mtu?: number | undefined;
  readonly icc?: boolean | undefined;
  /** Where ports without an address are published. */
  readonly ip?: string | undefined;
}

/**
 * The predefined bridge network. Its identity and subnet are chosen once and remembered, so that they do not change
 * under running containers; a subnet that the settings ask for wins over the remembered one.
 */
export async function openDefaultBridge(
  stateDir: string,
  options: { readonly name: string; readonly bridge: string; readonly pools: readonly DefaultPool[] },
  settings: DefaultBridgeSettings,
): Promise<NetworkInfo> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const path = join(stateDir, 'network.json');
  const known = parseRecord(await readJson(path));
  const wanted = settings.bip === undefined ? known?.subnet : formatSubnet(parseSubnet(settings.bip));
  const subnet = wanted ?? (await freeSubnet(options.bridge, options.pools));
  const record = {
    id: known?.id ?? randomId(),
    subnet,
    created: known?.created ?? new Date().toISOString(),
  };
  if (!known || known.subnet !== subnet || known.created === undefined) {
    await writeJsonAtomically(path, { schemaVersion: 1, ...record });
  }
  return {
    ...{ id: record.id, name: options.name, created: record.created, bridge: options.bridge },
    ...{
      driver: 'bridge',
      predefined: true,
      enableIpv4: true,
      enableIpv6: false,
      internal: false,
      attachable: false,
    },
    blocks: [blockOf(subnet, settings)],
    options: optionsOf(options.bridge, settings),
    ipamOptions: {},
    labels: {},
  };
}

async function freeSubnet(bridge: string, pools: readonly DefaultPool[]): Promise<string> {
  const routes = (await hostRoutes()).filter(({ device }) => device !== bridge);
  return formatSubnet(
    chooseSubnet(
      routes.map((route) => route.subnet),
      pools,
    ),
  );
}

function blockOf(subnet: string, { bip, fixedCidr }: DefaultBridgeSettings): AddressBlock {
  const { family, base } = parseSubnet(subnet);
  const own = parseAddress(bip?.split('/')[0] ?? '');
  const value = own && own.value !== base ? own.value : base + 1n;
  return {
    subnet,
    ...(fixedCidr && { ipRange: formatSubnet(parseSubnet(fixedCidr)) }),
    gateway: formatAddress({ family, value }),
  };
}

function optionsOf(bridge: string, { mtu = 1500, icc = true, ip = '0.0.0.0' }: DefaultBridgeSettings) {
  return {
    'com.docker.network.bridge.default_bridge': 'true',
    'com.docker.network.bridge.enable_icc': String(icc),
    'com.docker.network.bridge.enable_ip_masquerade': 'true',
    'com.docker.network.bridge.host_binding_ipv4': ip,
    'com.docker.network.bridge.name': bridge,
    'com.docker.network.driver.mtu': String(mtu),
  };
}

function parseRecord(value: unknown) {
  if (!isJsonObject(value) || value['schemaVersion'] !== 1) return undefined;
  const { id, subnet, created } = value;
  if (typeof id !== 'string' || typeof subnet !== 'string') return undefined;
  return { id, subnet, created: typeof created === 'string' ? created : undefined };
}
