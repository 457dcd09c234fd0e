import { errorMessage } from '../../shared/errors.js';
import type { Logger } from '../../shared/logger.js';
import { Bridges } from './bridges.js';
import {
  attachBatch,
  type BridgeLink,
  connectBatch,
  isolateBatch,
  moveLine,
  routeLines,
  subInterfaceLine,
  type WayOut,
} from './ip-command.js';
import { hostNamespace, type Link, listLinks, runIpBatch, runIpBatchIn } from './link.js';
import { LinkDeletions } from './link-deletions.js';
import { hostLinkName, isBridgeName, isHostLinkName } from './link-names.js';
import type { Endpoint } from './network.js';
import { hostHasIpv6, setHairpin, setSysctlsIn } from './sysctl.js';

/** An endpoint and how its network is made. */
export type PlannedLink = {
  readonly endpoint: Endpoint;
  readonly mtu: number | undefined;
} & (
  | { readonly driver: 'bridge'; readonly bridge: BridgeLink; readonly icc: boolean }
  | { readonly driver: 'plugin' }
  | {
      readonly driver: 'macvlan' | 'ipvlan';
      readonly parent: string;
      readonly mode: string | undefined;
    }
);

/** The bridges and the links that lead from them into the containers. Keeps no record of them: the kernel does. */
export class ContainerLinks {
  readonly #bridges = new Bridges();
  readonly #deletions = new LinkDeletions();
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  async ensureBridges(bridges: readonly BridgeLink[]): Promise<void> {
    await this.#bridges.ensure(bridges);
  }

  async deleteBridge(name: string): Promise<void> {
    this.#bridges.forget(name);
    await this.#deletions.delete([name]);
  }

  /** Gives the network namespace of a process its interfaces. When it throws, `unplug` removes what was made. */
  async plug(links: readonly PlannedLink[], wayOut: WayOut, pid: number): Promise<void> {
    const bridges = links.flatMap((link) => (link.driver === 'bridge' ? [link.bridge] : []));
    const isKnown = bridges.every(({ name }) => this.#bridges.index(name) !== undefined);
    if (bridges.length === 0) await this.#makeLinks(links, wayOut, pid);
    else if (!isKnown || !(await this.#tryLinks(links, wayOut, pid))) {
      // Once more with the bridges put right: somebody may have taken one away.
      await this.unplug(links.map(({ endpoint }) => endpoint));
      await this.#bridges.ensure(bridges);
      await this.#makeLinks(links, wayOut, pid);
    }
    await this.#setPorts(links);
    for (const { endpoint } of links) if (endpoint.sysctls) setSysctlsIn(pid, endpoint.sysctls);
  }

  /** Removes the pairs. Succeeds when there is none. */
  async unplug(endpoints: readonly Endpoint[]): Promise<void> {
    await this.#deletions.delete(endpoints.map(({ endpointId }) => hostLinkName(endpointId)));
  }

  /** Sets the default routes in the network namespace of a process. */
  async route(wayOut: WayOut, pid: number): Promise<void> {
    const lines = routeLines(wayOut).map((line) => `${line}\n`);
    if (lines.length > 0) await runIpBatchIn(pid, lines.join(''));
  }

  /**
   * The bridges are there; links and bridges of others that were ours go, and links that lost their bridge come
   * back onto it. Answers those that have no link, to be plugged anew. What is not on a bridge cannot be seen from
   * here: it lives and dies with its container.
   */
  async restore(
    bridges: readonly BridgeLink[],
    links: readonly PlannedLink[],
  ): Promise<readonly PlannedLink[]> {
    await this.#bridges.ensure(bridges);
    const present = listLinks();
    const known = new Set(bridges.map(({ name }) => name));
    const wanted = new Set(links.map(({ endpoint }) => hostLinkName(endpoint.endpointId)));
    const strays = present.filter(
      ({ name }) => (isOurs(present, known, name) && !wanted.has(name)) || isStrayBridge(name, known),
    );
    await this.#deletions.delete(strays.map(({ name }) => name));
    return this.#reattach(links, present);
  }

  /**
   * Of containers that run: links that lost their bridge come back onto it. Answers those that have no link. Nobody may
   * plug or unplug them meanwhile.
   */
  async reattach(links: readonly PlannedLink[]): Promise<readonly PlannedLink[]> {
    return this.#reattach(links, listLinks());
  }

  /** Takes all links and these bridges out of the kernel. */
  async removeAll(bridges: readonly string[]): Promise<void> {
    const present = listLinks();
    const known = new Set(bridges);
    const ours = present.map(({ name }) => name).filter((name) => isOurs(present, known, name));
    for (const bridge of bridges) this.#bridges.forget(bridge);
    await this.#deletions.delete([...ours, ...bridges]);
  }

  async #reattach(links: readonly PlannedLink[], present: readonly Link[]): Promise<readonly PlannedLink[]> {
    const onBridge = links.filter((link) => link.driver === 'bridge');
    const astray = onBridge.filter(({ endpoint, bridge }) => {
      const found = present.find(({ name }) => name === hostLinkName(endpoint.endpointId));
      return found && found.master !== bridge.name;
    });
    await runIpBatch(
      astray
        .map(({ endpoint, bridge }) => attachBatch([hostLinkName(endpoint.endpointId)], bridge.name))
        .join(''),
    );
    await this.#setPorts(astray);
    return onBridge.filter(
      ({ endpoint }) => !present.some(({ name }) => name === hostLinkName(endpoint.endpointId)),
    );
  }

  async #tryLinks(links: readonly PlannedLink[], wayOut: WayOut, pid: number): Promise<boolean> {
    return this.#makeLinks(links, wayOut, pid).then(
      () => true,
      () => false,
    );
  }

  async #makeLinks(links: readonly PlannedLink[], wayOut: WayOut, pid: number): Promise<void> {
    const upon = links.map((link) => (link.driver === 'bridge' ? '' : uponLine(link, pid)));
    await runIpBatch(upon.join(''));
    const present = links.filter(({ driver, endpoint }) => driver !== 'plugin' || endpoint.remote?.source);
    const plans = present.map((link) => ({
      endpoint: link.endpoint,
      mtu: link.mtu,
      bridgeIndex: link.driver === 'bridge' ? this.#bridges.index(link.bridge.name) : undefined,
    }));
    const host = { namespace: hostNamespace(), hasIpv6: await hostHasIpv6() };
    await runIpBatchIn(pid, connectBatch(plans, wayOut, host));
  }

  async #setPorts(links: readonly PlannedLink[]): Promise<void> {
    const onBridge = links.filter((link) => link.driver === 'bridge');
    const names = (some: readonly PlannedLink[]) =>
      some.map(({ endpoint }) => hostLinkName(endpoint.endpointId));
    await runIpBatch(isolateBatch(names(onBridge.filter(({ icc }) => !icc))));
    await Promise.all(names(onBridge).map((name) => this.#setHairpin(name)));
  }

  /** Only a container that talks to itself through a published port needs it: not worth a failed start. */
  async #setHairpin(link: string): Promise<void> {
    await setHairpin(link).catch((error) => {
      this.#logger.warn('cannot set a bridge port to hairpin mode', { link, error: errorMessage(error) });
    });
  }
}

/** A link without bridge may have lost ours; one on a bridge of others is another agent's. */
function isOurs(present: readonly Link[], bridges: ReadonlySet<string>, name: string): boolean {
  const link = present.find((each) => each.name === name);
  if (!link || !isHostLinkName(name)) return false;
  return link.master === undefined || bridges.has(link.master) || isBridgeName(link.master);
}

function isStrayBridge(name: string, known: ReadonlySet<string>): boolean {
  return isBridgeName(name) && !known.has(name);
}

/** Brings an interface that is made in the host into a container's network namespace. */
function uponLine(link: Exclude<PlannedLink, { readonly driver: 'bridge' }>, pid: number): string {
  if (link.driver === 'plugin') {
    const { remote, endpointId } = link.endpoint;
    return remote?.source ? moveLine(remote.source, hostLinkName(endpointId), pid) : '';
  }
  const parent = { name: link.parent, mode: link.mode, pid };
  return subInterfaceLine(link.driver, { ...link, bridgeIndex: undefined }, parent);
}
