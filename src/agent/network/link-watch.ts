import { errorMessage } from '../../shared/errors.js';
import type { Logger } from '../../shared/logger.js';
import { deletedLinksIn } from '../kernel/deleted-links.js';
import { netlinkGroups } from '../kernel/netlink.js';
import { NetlinkEvents, type Told } from '../kernel/netlink-events.js';
import type { HeldSandboxes } from './held-sandboxes.js';
import { listLinks } from './link.js';
import { hostLinkName } from './link-names.js';
import type { NetworkRegistry } from './network-registry.js';

export interface LinkWatchOptions {
  readonly sandboxes: HeldSandboxes;
  readonly registry: NetworkRegistry;
  /** Gives a container back what it lacks, if it still runs. */
  readonly repair: (containerId: string) => Promise<void>;
  readonly logger: Logger;
}

/**
 * Puts bridges and containers' links back that somebody deletes. Our own deletions are told, too: by then the network
 * has gone from the registry, or the container has ended or left it once its lock is free.
 */
export class LinkWatch implements Disposable {
  readonly #options: LinkWatchOptions;
  readonly #events: NetlinkEvents | undefined;
  #last: Promise<void> = Promise.resolve();

  constructor(options: LinkWatchOptions) {
    this.#options = options;
    try {
      this.#events = new NetlinkEvents(netlinkGroups.links, (told) => this.#hear(told));
    } catch (error) {
      options.logger.info('the kernel does not tell changes of links', { error: errorMessage(error) });
    }
  }

  [Symbol.dispose](): void {
    this.#events?.[Symbol.dispose]();
  }

  #hear(told: Told): void {
    const deleted = told === 'lost' ? undefined : told.flatMap(deletedLinksIn);
    if (deleted && (deleted.length === 0 || !this.#wanted().some((name) => deleted.includes(name)))) return;
    this.#last = this.#last.then(() => this.#putBack(deleted)).catch((error) => this.#warn(error));
  }

  async #putBack(deleted: readonly string[] | undefined): Promise<void> {
    const { sandboxes, registry, repair } = this.#options;
    const names = new Set(deleted ?? this.#missing());
    const networks = new Set(await registry.restoreBridges(names));
    const lost = sandboxes
      .all()
      .filter(({ endpoints }) =>
        endpoints.some(
          ({ endpointId, networkId }) => networks.has(networkId) || names.has(hostLinkName(endpointId)),
        ),
      );
    for (const { containerId } of lost) await repair(containerId).catch((error) => this.#warn(error));
  }

  #missing(): readonly string[] {
    const present = new Set(listLinks().map(({ name }) => name));
    return this.#wanted().filter((name) => !present.has(name));
  }

  #wanted(): readonly string[] {
    const { sandboxes, registry } = this.#options;
    const endpoints = sandboxes.all().flatMap((record) => record.endpoints);
    return [
      ...registry.bridged().map(({ info }) => info.bridge),
      ...endpoints.map(({ endpointId }) => hostLinkName(endpointId)),
    ];
  }

  #warn(error: unknown): void {
    this.#options.logger.warn('a network interface is not put back', { error: errorMessage(error) });
  }
}
