import { KeyedMutex } from '../../shared/keyed-mutex.js';
import { type BridgeLink, configureBridgeBatch, makeBridgeBatch } from './ip-command.js';
import { type Link, listLinks, runIpBatch } from './link.js';
import { enableIpv6Forwarding, setSysctl } from './sysctl.js';

/** The Linux bridges of the networks, and what the host must be set to for them to work. */
export class Bridges {
  readonly #indices = new Map<string, number>();
  readonly #mutex = new KeyedMutex();

  /** As last seen; undefined before `ensure`. */
  index(name: string): number | undefined {
    return this.#indices.get(name);
  }

  forget(name: string): void {
    this.#indices.delete(name);
  }

  /** Makes these bridges or puts them right. One at a time: two at once would both find none, and both make it. */
  async ensure(bridges: readonly BridgeLink[]): Promise<void> {
    if (bridges.length === 0) return;
    await this.#mutex.run('', async () => {
      const before = names(listLinks());
      const batch = bridges.map(
        (bridge) => (before.has(bridge.name) ? '' : makeBridgeBatch(bridge)) + configureBridgeBatch(bridge),
      );
      await runIpBatch(batch.join(''));
      await Promise.all(bridges.map(setSysctls));
      const after = names(listLinks());
      for (const { name } of bridges) {
        const index = after.get(name);
        if (index === undefined) throw new Error(`bridge ${name} has vanished`);
        this.#indices.set(name, index);
      }
    });
  }
}

async function setSysctls({ name, gateways, apart }: BridgeLink): Promise<void> {
  await setSysctl(['net', 'ipv4', 'ip_forward'], '1');
  // Lets the host's own packets from 127.0.0.1 out to a published port's container (nft-ruleset.ts).
  await setSysctl(['net', 'ipv4', 'conf', name, 'route_localnet'], '1');
  // Ports that are isolated do not hear each other's questions for an address: the host answers, and is the way.
  if (apart) await setSysctl(['net', 'ipv4', 'conf', name, 'proxy_arp_pvlan'], '1');
  if (gateways.some((gateway) => gateway.includes(':'))) await enableIpv6Forwarding();
}

function names(links: readonly Link[]): ReadonlyMap<string, number> {
  return new Map(links.map(({ name, index }) => [name, index]));
}
