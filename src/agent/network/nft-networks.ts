import { join } from 'node:path';
import { errorMessage } from '../../shared/errors.js';
import { KeyedMutex } from '../../shared/keyed-mutex.js';
import { type Logger, silentLogger } from '../../shared/logger.js';
import { UndoStack } from '../../shared/undo-stack.js';
import { Plugins } from '../plugin/plugins.js';
import { ContainerLinks } from './container-links.js';
import { EndpointMaker } from './endpoint-maker.js';
import { EndpointRecords, type SandboxRecord } from './endpoint-records.js';
import { endpointExists, endpointFailed, nothingReserved } from './errors.js';
import { KeptRules } from './kept-rules.js';
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
import type { RulesetNetwork } from './nft-ruleset.js';
import { PublishedPorts } from './published-ports.js';
import type { RuleTable } from './rule-table.js';
import { ruleTableOfHost } from './rule-table-choice.js';
import { checkPools, type DefaultPool, dockerPools } from './subnet-choice.js';

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
  readonly #rules: KeptRules;
  readonly #links: ContainerLinks;
  readonly #endpoints: EndpointMaker;
  readonly #mutex = new KeyedMutex();
  readonly #held = new Map<string, SandboxRecord>();
  readonly #pids = new Map<string, number>();
  readonly #listeners = new Set<(containerId: string) => void>();
  readonly #logger: Logger;

  private constructor(
    { stateDir, pools, logger = silentLogger, plugins = noPlugins }: NftNetworksOptions,
    openTable: (networks: () => readonly RulesetNetwork[]) => RuleTable,
  ) {
    this.#logger = logger;
    this.#records = new EndpointRecords(join(stateDir, 'endpoints'));
    this.#links = new ContainerLinks(logger);
    const bridged = () => this.#registry.bridged();
    const table = openTable(() => bridged().map(({ rules }) => rules));
    this.#registry = new NetworkRegistry(stateDir, {
      ...{ links: this.#links, logger, plugins, table },
      pools: checkPools(pools ?? dockerPools),
    });
    this.#ports = new PublishedPorts(table, (id) => this.#registry.get(id), logger);
    this.#endpoints = new EndpointMaker(this.#registry, logger);
    this.#rules = new KeptRules({
      ...{ table, logger },
      bridges: () => bridged().map(({ info }) => info.bridge),
      published: () =>
        new Map(
          [...this.#held.values()].map((record) => [record.containerId, this.#ports.publications(record)]),
        ),
    });
  }

  /** Reads the records; changes nothing in the kernel. Throws NO_FREE_SUBNET, SUBNET_INVALID. */
  static async open(options: NftNetworksOptions): Promise<NftNetworks> {
    const { stateDir, name, bridge, settings = {}, pools = dockerPools } = options;
    const networks = new NftNetworks(options, await ruleTableOfHost());
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
    const network = await this.#registry.create(spec);
    if (network.bridge !== '') await this.#rules.accept(); // its name may be one that others' rules do not know
    return network;
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
        endpoints.push(await this.#endpoints.take(attachment, endpoints, ports, undo));
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
      await this.#endpoints.remote.openPorts(record.endpoints, record.ports);
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
      const endpoint = await this.#endpoints.take(attachment, before.endpoints, ports, undo);
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
        await this.#endpoints.remote.openPorts([joined], after.ports);
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
      await this.#endpoints.remote.remove([gone], this.#requirePid(containerId));
      await this.#links
        .route(this.#ports.wayOut(endpoints), this.#requirePid(containerId))
        .catch((error) => this.#notRestored('default route', containerId, error));
      const publishing = this.#ports.target(endpoints);
      if (!publishing) this.#ports.free(before.ports);
      await this.#hold(publishing ? after : { ...after, ports: [] });
      await this.#endpoints.release([gone]);
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
    await this.#rules.restore();
    for (const record of this.#held.values()) {
      await this.#ports
        .openProxies(record)
        .catch((error) => this.#notRestored('IPv6 ports', record.containerId, error));
    }
    for (const containerId of this.#held.keys()) this.#changed(containerId);
  }

  /** Puts back what somebody has flushed in the meantime. */
  async check(): Promise<void> {
    await this.#rules.check();
  }

  /** Calls `check` now and then, until it is disposed. */
  watch(): Disposable {
    return this.#rules.watch();
  }

  /** Ends what lives in this process; with `remove`, also takes bridges, links and rules out of the kernel. */
  async close(options: { readonly remove: boolean }): Promise<void> {
    await this.#ports.closeProxies();
    if (!options.remove) return;
    const bridges = this.#registry.bridged().map(({ info }) => info.bridge);
    await this.#links.removeAll(bridges);
    await this.#rules.remove();
  }

  /** A record of an earlier run. One that does not fit (another subnet was chosen since) is dropped. */
  async #adopt(record: SandboxRecord): Promise<void> {
    if (!(await this.#endpoints.adopt(record.endpoints))) return this.#records.remove(record.containerId);
    this.#ports.hold(record.ports);
    this.#held.set(record.containerId, record);
  }

  /** Third parties' drivers say now which interface it will be, and where the way out is. */
  async #join(record: SandboxRecord, pid: number, joining = record.endpoints): Promise<SandboxRecord> {
    const endpoints = await this.#endpoints.remote.join(record.endpoints, joining, pid);
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
  async #unplug(record: SandboxRecord): Promise<void> {
    const steps = await Promise.allSettled([this.#ports.close(record), this.#links.unplug(record.endpoints)]);
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
    await this.#endpoints.remote.remove(endpoints, undefined);
    await this.#endpoints.release(endpoints);
  }

  async #hold(record: SandboxRecord): Promise<void> {
    await this.#records.save(record);
    this.#held.set(record.containerId, record);
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
