import { join } from 'node:path';
import { KeyedMutex } from '../../shared/keyed-mutex.js';
import { type Logger, silentLogger } from '../../shared/logger.js';
import { UndoStack } from '../../shared/undo-stack.js';
import { Plugins } from '../plugin/plugins.js';
import { ContainerLinks } from './container-links.js';
import { EndpointMaker } from './endpoint-maker.js';
import type { SandboxRecord } from './endpoint-records.js';
import { endpointExists } from './errors.js';
import { HeldSandboxes } from './held-sandboxes.js';
import { KeptRules } from './kept-rules.js';
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
import { SandboxLinks } from './sandbox-links.js';
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
  readonly #sandboxes: HeldSandboxes;
  readonly #registry: NetworkRegistry;
  readonly #ports: PublishedPorts;
  readonly #rules: KeptRules;
  readonly #bridgeLinks: ContainerLinks;
  readonly #endpoints: EndpointMaker;
  readonly #links: SandboxLinks;
  readonly #mutex = new KeyedMutex();
  readonly #watches = new DisposableStack();

  private constructor(
    { stateDir, pools, logger = silentLogger, plugins = noPlugins }: NftNetworksOptions,
    openTable: (networks: () => readonly RulesetNetwork[]) => RuleTable,
  ) {
    const sandboxes = new HeldSandboxes(join(stateDir, 'endpoints'));
    const links = new ContainerLinks(logger);
    const bridged = () => this.#registry.bridged();
    const table = openTable(() => bridged().map(({ rules }) => rules));
    const registry = new NetworkRegistry(stateDir, {
      ...{ links, logger, plugins, table },
      pools: checkPools(pools ?? dockerPools),
    });
    const ports = new PublishedPorts({
      ...{ table, logger },
      network: (id) => registry.get(id),
      held: (id) => sandboxes.get(id),
    });
    const endpoints = new EndpointMaker(registry, logger);
    this.#sandboxes = sandboxes;
    this.#bridgeLinks = links;
    this.#registry = registry;
    this.#ports = ports;
    this.#endpoints = endpoints;
    this.#links = new SandboxLinks({ sandboxes, registry, links, ports, endpoints, logger });
    this.#rules = new KeptRules({
      ...{ table, logger },
      bridges: () => bridged().map(({ info }) => info.bridge),
      published: () =>
        new Map(sandboxes.all().map((record) => [record.containerId, ports.publications(record)])),
    });
  }

  /** Reads the records; changes nothing in the kernel. Throws NO_FREE_SUBNET, SUBNET_INVALID. */
  static async open(options: NftNetworksOptions): Promise<NftNetworks> {
    const { stateDir, name, bridge, settings = {}, pools = dockerPools } = options;
    const networks = new NftNetworks(options, await ruleTableOfHost());
    await networks.#registry.load(await openDefaultBridge(stateDir, { name, bridge, pools }, settings));
    await networks.#sandboxes.load((record) => networks.#adopt(record));
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
      this.#sandboxes
        .on(id)
        .map(
          ({ containerName, endpoints }) =>
            `name:"${containerName}" id:"${endpoints.find(({ networkId }) => networkId === id)?.endpointId.slice(0, 12)}"`,
        ),
    );
  }

  sandbox(containerId: string): Sandbox | undefined {
    return this.#sandboxes.sandbox(containerId);
  }

  sandboxes(): readonly Sandbox[] {
    return this.#sandboxes.sandboxes();
  }

  onChange(listener: (containerId: string) => void): () => void {
    return this.#sandboxes.onChange(listener);
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
      const { id, name, links } = container;
      const record = {
        containerId: id,
        containerName: name,
        endpoints,
        ports: taken,
        ...(links && { links }),
      };
      await this.#sandboxes.hold(record);
      undo.commit();
      return { ...record, pid: undefined };
    });
  }

  async connect(containerId: string, pid: number): Promise<void> {
    await this.#mutex.run(containerId, async () => {
      await this.#links.connect(this.#sandboxes.require(containerId), pid);
      this.#sandboxes.runsAs(containerId, pid);
      this.#sandboxes.changed(containerId);
    });
  }

  async attach(
    containerId: string,
    attachment: Attachment,
    ports: readonly PortBinding[],
  ): Promise<Endpoint> {
    return this.#mutex.run(containerId, async () => {
      const before = this.#sandboxes.require(containerId);
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
      undo.push(() => this.#sandboxes.hold(before));
      const held = { ...before, endpoints, ports: taken };
      await this.#sandboxes.hold(held);
      undo.push(() => this.#bridgeLinks.unplug([endpoint]));
      undo.push(() => this.#ports.open(before));
      const joined = await this.#links.add(held, endpoint, this.#sandboxes.requirePid(containerId));
      undo.commit();
      this.#sandboxes.changed(containerId);
      return joined;
    });
  }

  async detach(containerId: string, networkId: string): Promise<void> {
    await this.#mutex.run(containerId, async () => {
      const before = this.#sandboxes.get(containerId);
      const gone = before?.endpoints.find((endpoint) => endpoint.networkId === networkId);
      if (!before || !gone) return;
      const after = { ...before, endpoints: before.endpoints.filter((endpoint) => endpoint !== gone) };
      await this.#links.take(gone, after, this.#sandboxes.requirePid(containerId));
      const publishing = this.#ports.target(after.endpoints);
      if (!publishing) this.#ports.free(before.ports);
      await this.#sandboxes.hold(publishing ? after : { ...after, ports: [] });
      await this.#endpoints.release([gone]);
      this.#sandboxes.changed(containerId);
    });
  }

  async release(containerId: string): Promise<void> {
    await this.#mutex.run(containerId, () => this.#release(containerId));
  }

  async rename(container: ContainerRef, dnsNames: ReadonlyMap<string, readonly string[]>): Promise<void> {
    await this.#mutex.run(container.id, async () => {
      const record = this.#sandboxes.get(container.id);
      if (!record) return;
      const endpoints = record.endpoints.map((endpoint) => ({
        ...endpoint,
        dnsNames: dnsNames.get(endpoint.networkId) ?? endpoint.dnsNames,
      }));
      await this.#sandboxes.hold({ ...record, containerName: container.name, endpoints });
      this.#sandboxes.changed(container.id);
    });
  }

  async restore(running: ReadonlyMap<string, number>): Promise<void> {
    for (const record of this.#sandboxes.all()) {
      const pid = running.get(record.containerId);
      if (pid === undefined) await this.#forget(record);
      else this.#sandboxes.runsAs(record.containerId, pid);
    }
    await Promise.all([this.#links.restore(), this.#rules.restore()]);
    await this.#links.restoreProxies();
    for (const { containerId } of this.#sandboxes.all()) this.#sandboxes.changed(containerId);
  }

  /** Puts back what somebody has flushed in the meantime. */
  async check(): Promise<void> {
    await this.#rules.check();
  }

  /** Puts back what somebody takes away, until it is disposed: at once, or when it is looked for, where the kernel does not tell. */
  watch({ intervalMs = 15_000 } = {}): Disposable {
    this.#watches.use(this.#rules.watch(intervalMs));
    this.#watches.use(this.#links.watch((containerId, work) => this.#mutex.run(containerId, work)));
    return this.#watches;
  }

  /** Ends what lives in this process; with `remove`, also takes bridges, links and rules out of the kernel. */
  async close(options: { readonly remove: boolean }): Promise<void> {
    this.#watches.dispose();
    await this.#ports.closeProxies();
    if (!options.remove) return;
    const bridges = this.#registry.bridged().map(({ info }) => info.bridge);
    await this.#bridgeLinks.removeAll(bridges);
    await this.#rules.remove();
  }

  /** A record of an earlier run does not fit when another subnet was chosen since. */
  async #adopt(record: SandboxRecord): Promise<boolean> {
    if (!(await this.#endpoints.adopt(record.endpoints))) return false;
    this.#ports.hold(record.ports);
    return true;
  }

  /** When the kernel does not let go, addresses and ports stay taken: nobody else may get them. */
  async #release(containerId: string): Promise<void> {
    const record = this.#sandboxes.get(containerId);
    if (!record) return;
    await this.#links.disconnect(record);
    await this.#forget(record);
    await this.#links.openLinks(containerId);
    this.#sandboxes.changed(containerId);
  }

  async #forget({ containerId, endpoints, ports }: SandboxRecord): Promise<void> {
    await this.#sandboxes.drop(containerId);
    this.#ports.free(ports);
    await this.#endpoints.remote.remove(endpoints, undefined);
    await this.#endpoints.release(endpoints);
  }
}
