import { configureBridgeBatch, makeBridgeBatch } from './ip-command.js';
import type { Subnet } from './ipv4.js';
import { type Link, listLinks, runIpBatch } from './link.js';
import { setSysctl } from './sysctl.js';

/** The Linux bridge and what the host must be set to for it to work. */
export interface BridgeLink {
  readonly name: string;
  readonly subnet: Subnet;
  readonly gateway: number;
}

/** Makes the bridge or puts it right, and tells its interface index. `links` are the host's, as just listed. */
export async function ensureBridge(bridge: BridgeLink, links: readonly Link[]): Promise<number> {
  const existing = links.find((link) => link.name === bridge.name);
  const batch = configureBridgeBatch(bridge.name, bridge.subnet, bridge.gateway);
  await runIpBatch(existing ? batch : makeBridgeBatch(bridge.name, bridge.gateway) + batch);
  await setSysctl(['net', 'ipv4', 'ip_forward'], '1');
  // Lets the host's own packets from 127.0.0.1 out to a published port's container (nft-ruleset.ts).
  await setSysctl(['net', 'ipv4', 'conf', bridge.name, 'route_localnet'], '1');
  const index = existing?.index ?? (await listLinks()).find((link) => link.name === bridge.name)?.index;
  if (index === undefined) throw new Error(`bridge ${bridge.name} has vanished`);
  return index;
}
