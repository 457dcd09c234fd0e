import { errorMessage } from '../../shared/errors.js';
import type { Logger } from '../../shared/logger.js';
import { readProcess } from '../kernel/processes.js';
import type { ContainerLinks } from './container-links.js';
import type { EndpointMaker } from './endpoint-maker.js';
import type { SandboxRecord } from './endpoint-records.js';
import { endpointFailed } from './errors.js';
import type { HeldSandboxes } from './held-sandboxes.js';
import { LinkWatch } from './link-watch.js';
import type { Endpoint } from './network.js';
import type { NetworkRegistry } from './network-registry.js';
import type { PublishedPorts } from './published-ports.js';

export interface SandboxLinksParts {
  readonly sandboxes: HeldSandboxes;
  readonly registry: NetworkRegistry;
  readonly links: ContainerLinks;
  readonly ports: PublishedPorts;
  readonly endpoints: EndpointMaker;
  readonly logger: Logger;
}

/** What the containers hold, in the kernel: their interfaces, routes and open ports. */
export class SandboxLinks {
  readonly #parts: SandboxLinksParts;

  constructor(parts: SandboxLinksParts) {
    this.#parts = parts;
  }

  /** All at once, for a process that has nothing yet. When it throws, nothing is in the kernel. */
  async connect(reserved: SandboxRecord, pid: number): Promise<void> {
    const { ports, endpoints } = this.#parts;
    const record = await this.#join(reserved, reserved.endpoints, pid);
    const steps = await Promise.allSettled([this.#plug(record, record.endpoints, pid), ports.open(record)]);
    const failed = steps.find((step) => step.status === 'rejected');
    if (failed) {
      await this.disconnect(record);
      throw this.#failure(record, record.endpoints[0], failed.reason);
    }
    await endpoints.remote.openPorts(record.endpoints, record.ports);
    await this.openLinks(record.containerId);
  }

  /** What others may reach of a container by their links: anew, since its address may be another one, or gone. */
  async openLinks(containerId: string): Promise<void> {
    const { sandboxes, ports } = this.#parts;
    for (const record of sandboxes.linkingTo(containerId)) await ports.open(record);
  }

  /** One endpoint more for a process that runs; answers it as it has become. When it throws, `unplug` it. */
  async add(held: SandboxRecord, endpoint: Endpoint, pid: number): Promise<Endpoint> {
    const { ports, endpoints } = this.#parts;
    const record = await this.#join(held, [endpoint], pid);
    const joined = record.endpoints.find(({ endpointId }) => endpointId === endpoint.endpointId) ?? endpoint;
    try {
      await this.#plug(record, [joined], pid);
      await ports.open(record);
      await endpoints.remote.openPorts([joined], record.ports);
    } catch (error) {
      throw this.#failure(record, endpoint, error);
    }
    return joined;
  }

  /** Takes one endpoint out of the kernel; another one of those in `after` becomes the way out. */
  async take(gone: Endpoint, after: SandboxRecord, pid: number): Promise<void> {
    const { links, ports, endpoints } = this.#parts;
    await Promise.all([links.unplug([gone]), ports.open(after)]);
    await endpoints.remote.remove([gone], pid);
    await links
      .route(ports.wayOut(after.endpoints), pid)
      .catch((error) => this.#notRestored('default route', after.containerId, error));
  }

  /** Takes the sandbox out of the kernel; tries everything, then throws the first failure. */
  async disconnect(record: SandboxRecord): Promise<void> {
    const { links, ports } = this.#parts;
    const steps = await Promise.allSettled([ports.close(record), links.unplug(record.endpoints)]);
    const failed = steps.find((step) => step.status === 'rejected');
    if (failed) throw failed.reason;
  }

  /** Bridges and links as they should be, after the agent was away. */
  async restore(): Promise<void> {
    const { sandboxes, registry, links } = this.#parts;
    const plans = sandboxes
      .all()
      .flatMap(({ endpoints }) =>
        endpoints.map((endpoint) => registry.require(endpoint.networkId).plan(endpoint)),
      );
    const bridges = registry.bridged().map(({ bridge }) => bridge);
    const missing = new Set((await links.restore(bridges, plans)).map(({ endpoint }) => endpoint));
    for (const record of sandboxes.all()) {
      const lost = record.endpoints.filter((endpoint) => missing.has(endpoint));
      if (lost.length === 0) continue;
      await this.#plug(record, lost, sandboxes.requirePid(record.containerId)).catch((error) =>
        this.#notRestored('network interface', record.containerId, error),
      );
    }
  }

  /**
   * One container's links as they should be, after somebody deleted them or their bridge. The container's lock is held.
   * Nothing happens where it does not run any more, or not yet.
   */
  async repair(containerId: string): Promise<void> {
    const { sandboxes, registry, links } = this.#parts;
    const record = sandboxes.get(containerId);
    const pid = sandboxes.sandbox(containerId)?.pid;
    if (!record || pid === undefined || hasEnded(pid)) return;
    const plans = record.endpoints.map((endpoint) => registry.require(endpoint.networkId).plan(endpoint));
    const missing = (await links.reattach(plans)).map(({ endpoint }) => endpoint);
    if (missing.length > 0) await this.#plug(record, missing, pid);
  }

  /** Repairs what somebody deletes, at once, until it is disposed; `locked` works under a container's lock. */
  watch(locked: (containerId: string, work: () => Promise<void>) => Promise<void>): Disposable {
    const { sandboxes, registry, logger } = this.#parts;
    const repair = (containerId: string) => locked(containerId, () => this.repair(containerId));
    return new LinkWatch({ sandboxes, registry, logger, repair });
  }

  /** What of the ports ends with the agent's process. */
  async restoreProxies(): Promise<void> {
    const { sandboxes, ports } = this.#parts;
    for (const record of sandboxes.all()) {
      await ports
        .openProxies(record)
        .catch((error) => this.#notRestored('IPv6 ports', record.containerId, error));
    }
  }

  /** Third parties' drivers say now which interface it will be, and where the way out is. */
  async #join(record: SandboxRecord, joining: readonly Endpoint[], pid: number): Promise<SandboxRecord> {
    const { sandboxes, endpoints: maker } = this.#parts;
    const endpoints = await maker.remote.join(record.endpoints, joining, pid);
    if (endpoints.every((endpoint, at) => endpoint === record.endpoints[at])) return record;
    const joined = { ...record, endpoints };
    await sandboxes.hold(joined);
    return joined;
  }

  async #plug(record: SandboxRecord, endpoints: readonly Endpoint[], pid: number): Promise<void> {
    const { registry, links, ports } = this.#parts;
    const plans = endpoints.map((endpoint) => registry.require(endpoint.networkId).plan(endpoint));
    await links.plug(plans, ports.wayOut(record.endpoints), pid);
  }

  #failure({ containerName }: SandboxRecord, endpoint: Endpoint | undefined, cause: unknown): Error {
    const network = endpoint && this.#parts.registry.get(endpoint.networkId);
    const name = { containerName, endpointId: endpoint?.endpointId ?? '' };
    return endpointFailed(name, network?.info.name ?? '', cause);
  }

  /** One container's trouble (it may have ended this moment) must not keep the others from their network. */
  #notRestored(what: string, container: string, error: unknown): void {
    const message = errorMessage(error);
    this.#parts.logger.warn('cannot restore a part of an endpoint', { what, container, error: message });
  }
}

function hasEnded(pid: number): boolean {
  return (readProcess(pid)?.state ?? 'Z') === 'Z';
}
