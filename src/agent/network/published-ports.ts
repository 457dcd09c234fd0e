import { errorMessage } from '../../shared/errors.js';
import type { Logger } from '../../shared/logger.js';
import type { UndoStack } from '../../shared/undo-stack.js';
import type { SandboxRecord } from './endpoint-records.js';
import type { Family } from './ip.js';
import type { WayOut } from './ip-command.js';
import { Ipv6Proxies } from './ipv6-proxy.js';
import type { LiveNetwork } from './live-network.js';
import type { ContainerRef, Endpoint, PortBinding } from './network.js';
import type { Publication } from './nft-ruleset.js';
import { PortAllocator } from './port-allocator.js';
import { portClaims } from './port-claims.js';
import type { RuleTable } from './rule-table.js';
import { forgetStaleFlows } from './stale-flows.js';
import { hostHasIpv6 } from './sysctl.js';
import {
  chooseWayOut,
  linkedPublications,
  listenersOf,
  publicationsOf,
  publishingEndpoint,
} from './way-out.js';

export interface PublishedPortsParts {
  readonly table: RuleTable;
  readonly network: (id: string) => LiveNetwork | undefined;
  readonly held: (containerId: string) => SandboxRecord | undefined;
  readonly logger: Logger;
}

/** The host ports of the containers: who has which, and that they lead to each container's way out. */
export class PublishedPorts {
  readonly #allocator = new PortAllocator();
  readonly #proxies = new Ipv6Proxies();
  readonly #table: RuleTable;
  readonly #logger: Logger;
  /** What this process has opened for each container. */
  readonly #open = new Map<string, readonly Publication[]>();
  readonly #network: (id: string) => LiveNetwork | undefined;
  readonly #held: (containerId: string) => SandboxRecord | undefined;

  constructor({ table, network, held, logger }: PublishedPortsParts) {
    this.#table = table;
    this.#logger = logger;
    this.#network = network;
    this.#held = held;
  }

  wayOut(endpoints: readonly Endpoint[]): WayOut {
    return chooseWayOut(endpoints, this.#network);
  }

  /** Where ports lead; undefined when there is no network to publish through. */
  target(endpoints: readonly Endpoint[]): Endpoint | undefined {
    return publishingEndpoint(this.wayOut(endpoints), this.#network);
  }

  /** Takes host ports; none without a network to publish through. Throws PORT_TAKEN; then none is held. */
  async take(
    container: ContainerRef,
    endpoints: readonly Endpoint[],
    ports: readonly PortBinding[],
    undo: UndoStack,
  ): Promise<readonly PortBinding[]> {
    const endpoint = this.target(endpoints);
    if (!endpoint || ports.length === 0) return [];
    const taken: PortBinding[] = [];
    undo.push(() => this.free(taken));
    const network = this.#network(endpoint.networkId);
    const wayTo = (address: string, family: Family) => {
      if (address === '') return 'none';
      return network?.routes(family) ? 'routed' : 'translated';
    };
    const { claims, routed } = portClaims(ports, {
      hostHasIpv6: await hostHasIpv6(),
      ways: { 4: wayTo(endpoint.address, 4), 6: wayTo(endpoint.address6, 6) },
      hostBinding: network?.options.hostBinding ?? '',
    });
    const name = { containerName: container.name, endpointId: endpoint.endpointId };
    for (const claim of claims) taken.push(...(await this.#allocator.take(claim, name, endpoint.address)));
    return [...taken, ...routed];
  }

  /** What a running container has already. */
  hold(ports: readonly PortBinding[]): void {
    for (const binding of ports) if (!binding.routed) this.#allocator.hold(binding);
  }

  free(ports: readonly PortBinding[]): void {
    for (const binding of ports) if (!binding.routed) this.#allocator.release(binding);
  }

  /** In place of what was open for this container. */
  async open(record: SandboxRecord): Promise<void> {
    await Promise.all([
      this.#table.publish(record.containerId, this.publications(record)),
      this.openProxies(record),
    ]);
    const before = this.#open.get(record.containerId) ?? [];
    const now = this.publications(record);
    this.#open.set(record.containerId, now);
    this.#forgetFlows({ closed: before, opened: now });
  }

  /** The part of `open` that ends with this process. */
  async openProxies({ containerId, endpoints, ports }: SandboxRecord): Promise<void> {
    const endpoint = this.target(endpoints);
    await this.#proxies.open(containerId, endpoint ? listenersOf(endpoint, ports) : []);
  }

  publications(record: SandboxRecord): readonly Publication[] {
    const endpoint = this.target(record.endpoints);
    return [
      ...(endpoint ? publicationsOf(endpoint, record.ports) : []),
      ...linkedPublications(record, this.#held, this.#network),
    ];
  }

  /** Tries everything, then throws the first failure. */
  async close(record: SandboxRecord): Promise<void> {
    const { containerId } = record;
    const steps = [this.#table.withdraw(containerId), this.#proxies.close(containerId)];
    const failed = (await Promise.allSettled(steps)).find((step) => step.status === 'rejected');
    this.#open.delete(containerId);
    this.#forgetFlows({ closed: this.publications(record), opened: [] });
    if (failed) throw failed.reason;
  }

  async closeProxies(): Promise<void> {
    await this.#proxies.closeAll();
  }

  /** Where the kernel does not tell its connections, a container starts all the same. */
  #forgetFlows(change: Parameters<typeof forgetStaleFlows>[0]): void {
    try {
      forgetStaleFlows(change);
    } catch (error) {
      this.#logger.warn('stale flows are not forgotten', { error: errorMessage(error) });
    }
  }
}
