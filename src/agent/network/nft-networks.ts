import { join } from 'node:path';
import { errorMessage } from '../../shared/errors.js';
import { randomId } from '../../shared/identifiers.js';
import { KeyedMutex } from '../../shared/keyed-mutex.js';
import { type Logger, silentLogger } from '../../shared/logger.js';
import { UndoStack } from '../../shared/undo-stack.js';
import { Plugins } from '../plugin/plugins.js';
import { ContainerLinks } from './container-links.js';
import { EndpointRecords, type SandboxRecord } from './endpoint-records.js';
import { endpointExists, endpointFailed, networkIsTemplate, nothingReserved } from './errors.js';
import { acceptForwarding, withdrawForwarding } from './forward-policy.js';
import type { LiveNetwork } from './live-network.js';
import type {
  Attachment,
  ContainerRef,
  Endpoint,
  NetworkInfo,
  NetworkSpec,
  Networks,
  PortBinding,
  Sandbox,
} from './network.js';
import { type DefaultBridgeSettings, openDefaultBridge } from './network-record.js';
import { NetworkRegistry } from './network-registry.js';
import { interfaceName, newEndpoint } from './new-endpoint.js';
import { NftTable } from './nft-table.js';
import { PublishedPorts } from './published-ports.js';
import { RemoteEndpoints } from './remote/remote-endpoints.js';
import { checkPools, type DefaultPool, dockerPools } from './subnet-choice.js';

/** How long flushed rules may be missing. A look costs two to four short processes. */
const checkIntervalMs = 15_000;
const noPlugins = new Plugins({ sockets: '/var/empty', specs: [] });

export interface NftNetworksOptions {
  /** Holds the networks' records and the containers'. Nobody else writes there. */
  readonly stateDir: string;
  /** The predefined network's name, and its Linux bridge's. */
  readonly name: string;
  readonly bridge: string;
  readonly settings?: DefaultBridgeSettings;
  /** Where the subnets of networks come from that name none; dockerd's own when absent. */
  readonly pools?: readonly DefaultPool[];
  readonly logger?: Logger;
  /** Where drivers of third parties are; none when absent. */
  readonly plugins?: Plugins;
}

/**
 * Networks by Linux bridges, veth pairs and nftables. Before anything else: `open`, which reads the records, then
 * `restore`, which puts the kernel right.
 */
export class NftNetworks implements Networks {
  readonly #records: EndpointRecords;
  readonly #registry: NetworkRegistry;
  readonly #ports: PublishedPorts;
  readonly #table: NftTable;
  readonly #links: ContainerLinks;
  readonly #remote: RemoteEndpoints;
  readonly #mutex = new KeyedMutex();
  readonly #held = new Map<string, SandboxRecord>();
  readonly #pids = new Map<string, number>();
  readonly #listeners = new Set<(containerId: string) => void>();
  readonly #logger: Logger;

  private constructor({ stateDir, pools, logger = silentLogger, plugins = noPlugins }: NftNetworksOptions) {
    this.#logger = logger;
    this.#records = new EndpointRecords(join(stateDir, 'endpoints'));
    this.#links = new ContainerLinks(logger);
    this.#registry = new NetworkRegistry(stateDir, {
      ...{ links: this.#links, logger, plugins, table: () => this.#table },
      pools: checkPools(pools ?? dockerPools),
    });
    this.#table = new NftTable(() => this.#registry.bridged().map(({ rules }) => rules));
    this.#ports = new PublishedPorts(this.#table, (id) => this.#registry.get(id));
    this.#remote = new RemoteEndpoints((id) => this.#registry.get(id), logger);
  }

  /** Reads the records; changes nothing in the kernel. Throws NO_FREE_SUBNET, SUBNET_INVALID. */
  static async open(options: NftNetworksOptions): Promise<NftNetworks> {
    const { stateDir, name, bridge, settings = {}, pools = dockerPools } = options;
    const networks = new NftNetworks(options);
    await networks.#registry.load(await openDefaultBridge(stateDir, { name, bridge, pools }, settings));
    for (const record of await networks.#records.load()) await networks.#adopt(record);
    return networks;
  }

  list(): readonly NetworkInfo[] {
    return this.#registry.list().map(({ info }) => info);
  }

  byId(id: string): NetworkInfo | undefined {
    return this.#registry.get(id)?.info;
  }

  byName(name: string): NetworkInfo | undefined {
    return this.list().find((info) => info.name === name);
  }

  async create(spec: NetworkSpec): Promise<NetworkInfo> {
    return this.#registry.create(spec);
  }

  async remove(id: string): Promise<void> {
    await this.#registry.remove(id, () =>
      this.#holdersOf(id).map(
        ({ containerName, endpoints }) =>
          `name:"${containerName}" id:"${endpoints.find(({ networkId }) => networkId === id)?.endpointId.slice(0, 12)}"`,
      ),
    );
  }

  sandbox(containerId: string): Sandbox | undefined {
    const record = this.#held.get(containerId);
    return record && { ...record, pid: this.#pids.get(containerId) };
  }

  sandboxes(): readonly Sandbox[] {
    return [...this.#held.values()].map((record) => ({ ...record, pid: this.#pids.get(record.containerId) }));
  }

  onChange(listener: (containerId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async reserve(
    container: ContainerRef,
    attachments: readonly Attachment[],
    ports: readonly PortBinding[],
  ): Promise<Sandbox> {
    return this.#mutex.run(container.id, async () => {
      await this.#release(container.id);
      await using undo = new UndoStack();
      const endpoints: Endpoint[] = [];
      for (const attachment of attachments) {
        endpoints.push(await this.#takeEndpoint(attachment, endpoints, ports, undo));
      }
      const taken = await this.#ports.take(container, endpoints, ports, undo);
      const record = { containerId: container.id, containerName: container.name, endpoints, ports: taken };
      await this.#records.save(record);
      this.#held.set(container.id, record);
      undo.commit();
      return { ...record, pid: undefined };
    });
  }

  async connect(containerId: string, pid: number): Promise<void> {
    await this.#mutex.run(containerId, async () => {
      const record = await this.#join(this.#requireRecord(containerId), pid);
      const steps = await Promise.allSettled([
        this.#plug(record, record.endpoints, pid),
        this.#ports.open(record),
      ]);
      const failed = steps.find((step) => step.status === 'rejected');
      if (failed) {
        await this.#unplug(record);
        throw this.#failure(record, record.endpoints[0], failed.reason);
      }
      this.#pids.set(containerId, pid);
      await this.#remote.openPorts(record.endpoints, record.ports);
      this.#changed(containerId);
    });
  }

  async attach(
    containerId: string,
    attachment: Attachment,
    ports: readonly PortBinding[],
  ): Promise<Endpoint> {
    return this.#mutex.run(containerId, async () => {
      const before = this.#requireRecord(containerId);
      const name = this.#registry.require(attachment.networkId).info.name;
      if (before.endpoints.some(({ networkId }) => networkId === attachment.networkId)) {
        throw endpointExists(before.containerName, name);
      }
      await using undo = new UndoStack();
      const endpoint = await this.#takeEndpoint(attachment, before.endpoints, ports, undo);
      const endpoints = [...before.endpoints, endpoint];
      const container = { id: containerId, name: before.containerName };
      const taken =
        before.ports.length > 0 ? before.ports : await this.#ports.take(container, endpoints, ports, undo);
      undo.push(() => this.#hold(before));
      await this.#hold({ ...before, endpoints, ports: taken });
      undo.push(() => this.#links.unplug([endpoint]));
      undo.push(() => this.#ports.open(before));
      const after = await this.#join(this.#requireRecord(containerId), this.#requirePid(containerId), [
        endpoint,
      ]);
      const joined = after.endpoints.find(({ endpointId }) => endpointId === endpoint.endpointId) ?? endpoint;
      try {
        await this.#plug(after, [joined], this.#requirePid(containerId));
        await this.#ports.open(after);
        await this.#remote.openPorts([joined], after.ports);
      } catch (error) {
        throw this.#failure(after, endpoint, error);
      }
      undo.commit();
      this.#changed(containerId);
      return joined;
    });
  }

  async detach(containerId: string, networkId: string): Promise<void> {
    await this.#mutex.run(containerId, async () => {
      const before = this.#held.get(containerId);
      const gone = before?.endpoints.find((endpoint) => endpoint.networkId === networkId);
      if (!before || !gone) return;
      const endpoints = before.endpoints.filter((endpoint) => endpoint !== gone);
      const after = { ...before, endpoints };
      await Promise.all([this.#links.unplug([gone]), this.#ports.open(after)]);
      await this.#remote.remove([gone], this.#requirePid(containerId));
      await this.#links
        .route(this.#ports.wayOut(endpoints), this.#requirePid(containerId))
        .catch((error) => this.#notRestored('default route', containerId, error));
      const publishing = this.#ports.target(endpoints);
      if (!publishing) this.#ports.free(before.ports);
      await this.#hold(publishing ? after : { ...after, ports: [] });
      await this.#releaseEndpoints([gone]);
      this.#changed(containerId);
    });
  }

  async release(containerId: string): Promise<void> {
    await this.#mutex.run(containerId, () => this.#release(containerId));
  }

  async rename(container: ContainerRef, dnsNames: ReadonlyMap<string, readonly string[]>): Promise<void> {
    await this.#mutex.run(container.id, async () => {
      const record = this.#held.get(container.id);
      if (!record) return;
      const endpoints = record.endpoints.map((endpoint) => ({
        ...endpoint,
        dnsNames: dnsNames.get(endpoint.networkId) ?? endpoint.dnsNames,
      }));
      await this.#hold({ ...record, containerName: container.name, endpoints });
      this.#changed(container.id);
    });
  }

  async restore(running: ReadonlyMap<string, number>): Promise<void> {
    for (const record of [...this.#held.values()]) {
      const pid = running.get(record.containerId);
      if (pid === undefined) await this.#forget(record);
      else this.#pids.set(record.containerId, pid);
    }
    await this.#restoreLinks();
    await this.#restoreRules();
    for (const record of this.#held.values()) {
      await this.#ports
        .openProxies(record)
        .catch((error) => this.#notRestored('IPv6 ports', record.containerId, error));
    }
    for (const containerId of this.#held.keys()) this.#changed(containerId);
  }

  /**
   * Puts back what somebody has flushed or deleted in the meantime: rules and bridges. Cheap where nothing is
   * missing.
   */
  async check(): Promise<void> {
    if (!(await this.#table.isPresent())) await this.#restoreRules();
    else await this.#acceptForwarding();
  }

  /** Calls `check` now and then, until it is disposed. */
  watch(): Disposable {
    const timer = setInterval(() => {
      this.check().catch((error) => {
        this.#logger.warn('network rules are not restored', { error: errorMessage(error) });
      });
    }, checkIntervalMs);
    timer.unref();
    return { [Symbol.dispose]: () => clearInterval(timer) };
  }

  /** Ends what lives in this process; with `remove`, also takes bridges, links and rules out of the kernel. */
  async close(options: { readonly remove: boolean }): Promise<void> {
    await this.#ports.closeProxies();
    if (!options.remove) return;
    const bridges = this.#registry.bridged().map(({ info }) => info.bridge);
    await this.#links.removeAll(bridges);
    await this.#table.remove();
    await withdrawForwarding(bridges);
  }

  /** A record of an earlier run. One that does not fit (another subnet was chosen since) is dropped. */
  async #adopt(record: SandboxRecord): Promise<void> {
    const adopted: Endpoint[] = [];
    for (const endpoint of record.endpoints) {
      if (this.#registry.get(endpoint.networkId)?.pools.adopt(endpoint)) adopted.push(endpoint);
    }
    if (adopted.length < record.endpoints.length) {
      await this.#releaseEndpoints(adopted);
      return this.#records.remove(record.containerId);
    }
    this.#ports.hold(record.ports);
    this.#held.set(record.containerId, record);
  }

  async #takeEndpoint(
    attachment: Attachment,
    others: readonly Endpoint[],
    ports: readonly PortBinding[],
    undo: UndoStack,
  ): Promise<Endpoint> {
    const network = this.#registry.require(attachment.networkId);
    if (network.info.driver === 'null') throw networkIsTemplate(network.info.name);
    const name = interfaceName(attachment, network.options.interfacePrefix, others);
    const taken = await network.pools.take(attachment);
    undo.push(() => network.pools.release(taken));
    const endpoint = newEndpoint(network, attachment, { id: randomId(), name, taken });
    return this.#remote.create(endpoint, ports, undo);
  }

  /** Third parties' drivers say now which interface it will be, and where the way out is. */
  async #join(record: SandboxRecord, pid: number, joining = record.endpoints): Promise<SandboxRecord> {
    const endpoints = await this.#remote.join(record.endpoints, joining, pid);
    if (endpoints.every((endpoint, at) => endpoint === record.endpoints[at])) return record;
    const joined = { ...record, endpoints };
    await this.#hold(joined);
    return joined;
  }

  async #plug(record: SandboxRecord, endpoints: readonly Endpoint[], pid: number): Promise<void> {
    const links = endpoints.map((endpoint) => this.#registry.require(endpoint.networkId).plan(endpoint));
    await this.#links.plug(links, this.#ports.wayOut(record.endpoints), pid);
  }

  /** Takes the sandbox out of the kernel; tries everything, then throws the first failure. */
  async #unplug({ containerId, endpoints }: SandboxRecord): Promise<void> {
    const steps = await Promise.allSettled([this.#ports.close(containerId), this.#links.unplug(endpoints)]);
    const failed = steps.find((step) => step.status === 'rejected');
    if (failed) throw failed.reason;
  }

  /** When the kernel does not let go, addresses and ports stay taken: nobody else may get them. */
  async #release(containerId: string): Promise<void> {
    const record = this.#held.get(containerId);
    if (!record) return;
    await this.#unplug(record);
    await this.#forget(record);
    this.#changed(containerId);
  }

  async #forget({ containerId, endpoints, ports }: SandboxRecord): Promise<void> {
    await this.#records.remove(containerId);
    this.#held.delete(containerId);
    this.#pids.delete(containerId);
    this.#ports.free(ports);
    await this.#remote.remove(endpoints, undefined);
    await this.#releaseEndpoints(endpoints);
  }

  async #hold(record: SandboxRecord): Promise<void> {
    await this.#records.save(record);
    this.#held.set(record.containerId, record);
  }

  /** A third party that does not take an address back must not keep the container. */
  async #releaseEndpoints(endpoints: readonly Endpoint[]): Promise<void> {
    for (const endpoint of endpoints) {
      try {
        await this.#registry.get(endpoint.networkId)?.pools.release(endpoint);
      } catch (error) {
        this.#logger.warn('address is not released', {
          address: endpoint.address,
          error: errorMessage(error),
        });
      }
    }
  }

  async #restoreLinks(): Promise<void> {
    const bridges = this.#registry.bridged().map(({ bridge }) => bridge);
    const plans = [...this.#held.values()].flatMap(({ endpoints }) =>
      endpoints.map((endpoint) => this.#registry.require(endpoint.networkId).plan(endpoint)),
    );
    const missing = new Set((await this.#links.restore(bridges, plans)).map(({ endpoint }) => endpoint));
    for (const record of this.#held.values()) {
      const lost = record.endpoints.filter((endpoint) => missing.has(endpoint));
      if (lost.length === 0) continue;
      await this.#plug(record, lost, this.#requirePid(record.containerId)).catch((error) =>
        this.#notRestored('network interface', record.containerId, error),
      );
    }
  }

  async #restoreRules(): Promise<void> {
    const published = [...this.#held.values()].map(
      (record) => [record.containerId, this.#ports.publications(record)] as const,
    );
    await Promise.all([this.#table.replace(new Map(published)), this.#acceptForwarding()]);
  }

  async #acceptForwarding(): Promise<void> {
    await acceptForwarding(this.#registry.bridged().map(({ info }) => info.bridge));
  }

  #holdersOf(networkId: string): readonly SandboxRecord[] {
    return [...this.#held.values()].filter(({ endpoints }) =>
      endpoints.some((endpoint) => endpoint.networkId === networkId),
    );
  }

  #requireRecord(containerId: string): SandboxRecord {
    const record = this.#held.get(containerId);
    if (!record) throw nothingReserved(containerId);
    return record;
  }

  #requirePid(containerId: string): number {
    const pid = this.#pids.get(containerId);
    if (pid === undefined) throw nothingReserved(containerId);
    return pid;
  }

  #failure({ containerName }: SandboxRecord, endpoint: Endpoint | undefined, cause: unknown): Error {
    const network: LiveNetwork | undefined = endpoint && this.#registry.get(endpoint.networkId);
    const name = { containerName, endpointId: endpoint?.endpointId ?? '' };
    return endpointFailed(name, network?.info.name ?? '', cause);
  }

  #changed(containerId: string): void {
    for (const listener of this.#listeners) listener(containerId);
  }

  /** One container's trouble (it may have ended this moment) must not keep the others from their network. */
  #notRestored(what: string, container: string, error: unknown): void {
    this.#logger.warn('cannot restore a part of an endpoint', {
      what,
      container,
      error: errorMessage(error),
    });
  }
}
