import { errorMessage } from '../../shared/errors.js';
import { KeyedMutex } from '../../shared/keyed-mutex.js';
import type { Logger } from '../../shared/logger.js';
import { type BridgeLink, ensureBridge } from './bridge-link.js';
import { attachBatch, connectBatch, hostLinkName, isHostLinkName } from './ip-command.js';
import { deleteLink, type Link, listLinks, runIpBatch, runIpBatchIn } from './link.js';
import type { BridgeEndpoint } from './network.js';
import { hostHasIpv6, setHairpin } from './sysctl.js';

/** The bridge and the veth pairs that lead from it into the containers. Keeps no record of them: the kernel does. */
export class ContainerLinks {
  readonly #bridge: BridgeLink;
  readonly #logger: Logger;
  readonly #mutex = new KeyedMutex();
  #bridgeIndex: number | undefined;

  constructor(bridge: BridgeLink, logger: Logger) {
    this.#bridge = bridge;
    this.#logger = logger;
  }

  /** Gives the network namespace of a process its eth0. When it throws, `unplug` removes what was made. */
  async plug(endpoint: BridgeEndpoint, pid: number): Promise<void> {
    if (this.#bridgeIndex === undefined || !(await this.#tryLink(endpoint, pid, this.#bridgeIndex))) {
      // Once more with the bridge put right: somebody may have taken it away.
      await this.unplug(endpoint);
      await this.#makeLink(endpoint, pid, await this.#ensureBridge());
    }
    await this.#setHairpin(hostLinkName(endpoint.endpointId));
  }

  /** Removes the pair. Succeeds when there is none. */
  async unplug(endpoint: BridgeEndpoint): Promise<void> {
    await deleteLink(hostLinkName(endpoint.endpointId));
  }

  /**
   * The bridge is there; links of other endpoints go, and those of these endpoints come back onto the bridge.
   * Answers the endpoints that have no link, to be plugged anew.
   */
  async restore(endpoints: readonly BridgeEndpoint[]): Promise<readonly BridgeEndpoint[]> {
    await this.#ensureBridge();
    const ours = await this.#ours();
    const wanted = new Set(endpoints.map((endpoint) => hostLinkName(endpoint.endpointId)));
    await Promise.all(ours.filter((link) => !wanted.has(link.name)).map((link) => deleteLink(link.name)));
    const astray = ours.filter((link) => wanted.has(link.name) && link.master !== this.#bridge.name);
    const names = astray.map((link) => link.name);
    await runIpBatch(attachBatch(names, this.#bridge.name));
    await Promise.all(names.map((name) => this.#setHairpin(name)));
    return endpoints.filter(({ endpointId }) => !ours.some((link) => link.name === hostLinkName(endpointId)));
  }

  /** Takes all links and the bridge out of the kernel. */
  async removeAll(): Promise<void> {
    const names = (await this.#ours()).map((link) => link.name);
    await Promise.all([...names, this.#bridge.name].map((name) => deleteLink(name)));
    this.#bridgeIndex = undefined;
  }

  async #tryLink(endpoint: BridgeEndpoint, pid: number, bridgeIndex: number): Promise<boolean> {
    return this.#makeLink(endpoint, pid, bridgeIndex).then(
      () => true,
      () => false,
    );
  }

  async #makeLink(endpoint: BridgeEndpoint, pid: number, bridgeIndex: number): Promise<void> {
    const hasIpv6 = await hostHasIpv6();
    await runIpBatchIn(pid, connectBatch(endpoint, { pid: process.pid, bridgeIndex, hasIpv6 }));
  }

  /** One at a time: two at once would both find no bridge, and the second could not make its own. */
  async #ensureBridge(): Promise<number> {
    return this.#mutex.run('bridge', async () => {
      this.#bridgeIndex = await ensureBridge(this.#bridge, await listLinks());
      return this.#bridgeIndex;
    });
  }

  /** Only a container that talks to itself through a published port needs it: not worth a failed start. */
  async #setHairpin(link: string): Promise<void> {
    await setHairpin(link).catch((error) => {
      this.#logger.warn('cannot set a bridge port to hairpin mode', { link, error: errorMessage(error) });
    });
  }

  /** A link without bridge may have lost ours; one on another bridge is another network's. */
  async #ours(): Promise<readonly Link[]> {
    const links = await listLinks();
    return links.filter(
      (link) => isHostLinkName(link.name) && (link.master === undefined || link.master === this.#bridge.name),
    );
  }
}
