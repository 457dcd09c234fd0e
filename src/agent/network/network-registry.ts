import { join } from 'node:path';
import { randomId } from '../../shared/identifiers.js';
import { KeyedMutex } from '../../shared/keyed-mutex.js';
import type { Logger } from '../../shared/logger.js';
import { UndoStack } from '../../shared/undo-stack.js';
import { pluginNotFound } from '../plugin/errors.js';
import type { Plugins } from '../plugin/plugins.js';
import type { JsonStore } from '../state/json-store.js';
import type { ContainerLinks } from './container-links.js';
import { linkNameTaken, networkGone, networkInUse, templateInUse } from './errors.js';
import { listLinks } from './link.js';
import { LiveNetwork, remoteIpam } from './live-network.js';
import { checkParent } from './macvlan-parent.js';
import type { NetworkInfo, NetworkSpec } from './network.js';
import { planNetwork } from './network-plan.js';
import { withTemplate } from './network-template.js';
import type { RuleTable } from './rule-table.js';
import { type DefaultPool, hostRoutes } from './subnet-choice.js';
import { openNetworkRecords } from './user-network-records.js';

export interface RegistryParts {
  readonly links: ContainerLinks;
  readonly table: RuleTable;
  readonly pools: readonly DefaultPool[];
  readonly plugins: Plugins;
  readonly logger: Logger;
}

/** The networks that are there, in memory, in records and in the kernel. */
export class NetworkRegistry {
  readonly #parts: RegistryParts;
  readonly #records: JsonStore<NetworkInfo>;
  readonly #networks = new Map<string, LiveNetwork>();
  /** One at a time: each must see the subnets and names of the one before. */
  readonly #mutex = new KeyedMutex();

  constructor(stateDir: string, parts: RegistryParts) {
    this.#parts = parts;
    this.#records = openNetworkRecords(join(stateDir, 'networks'), parts.logger);
  }

  /** Reads the records; `predefined` comes first. */
  async load(predefined: NetworkInfo): Promise<void> {
    this.#networks.set(predefined.id, new LiveNetwork(predefined, this.#parts.plugins));
    for (const [id, info] of await this.#records.list())
      this.#networks.set(id, new LiveNetwork(info, this.#parts.plugins));
  }

  list(): readonly LiveNetwork[] {
    return [...this.#networks.values()];
  }

  get(id: string): LiveNetwork | undefined {
    return this.#networks.get(id);
  }

  /** Throws NETWORK_NOT_FOUND. */
  require(id: string): LiveNetwork {
    const network = this.#networks.get(id);
    if (!network) throw networkGone(id);
    return network;
  }

  bridged(): readonly LiveNetwork[] {
    return this.list().filter(({ info }) => info.driver === 'bridge');
  }

  async create(spec: NetworkSpec): Promise<NetworkInfo> {
    return this.#mutex.run('', async () => {
      const identity = { id: randomId(), created: new Date().toISOString() };
      const networks = this.list().map(({ info }) => info);
      const facts = { networks, routes: await hostRoutes(), pools: this.#parts.pools };
      const wanted = withTemplate(spec, networks);
      await this.#checkPlugins(wanted);
      await using undo = new UndoStack();
      const info = planNetwork(await this.#withRemoteBlocks(wanted, undo), identity, facts);
      const network = new LiveNetwork(info, this.#parts.plugins);
      await this.#checkHost(network);
      undo.push(() => this.#records.delete(info.id));
      await this.#records.put(info.id, info);
      this.#networks.set(info.id, network);
      undo.push(() => this.#networks.delete(info.id));
      if (info.driver === 'bridge') await this.#build(network, undo);
      await network.remote?.createNetwork(info);
      undo.commit();
      return info;
    });
  }

  /** `endpoints` tells who is on it, in the words of the error. */
  async remove(id: string, endpoints: () => readonly string[]): Promise<void> {
    await this.#mutex.run('', async () => {
      const network = this.require(id);
      const { name } = network.info;
      if (this.list().some(({ info }) => info.configFrom === name)) throw templateInUse(name);
      const inUse = endpoints();
      if (network.pools.isUsed) throw networkInUse(name, inUse);
      this.#networks.delete(id); // nobody can take an address from now on
      try {
        if (network.info.driver === 'bridge') await this.#tearDown(network);
        await network.remote?.deleteNetwork(id);
        await network.ipam?.releaseBlocks(network.info.blocks);
        await this.#records.delete(id);
      } catch (error) {
        this.#networks.set(id, network);
        throw error;
      }
    });
  }

  /** Makes bridges anew that somebody has deleted; answers the networks that had them. */
  async restoreBridges(names: ReadonlySet<string>): Promise<readonly string[]> {
    return this.#mutex.run('', async () => {
      const lost = this.bridged().filter(({ info }) => names.has(info.bridge));
      await this.#parts.links.ensureBridges(lost.map(({ bridge }) => bridge));
      return lost.map(({ info }) => info.id);
    });
  }

  async #checkPlugins({ pluginDriver, ipamDriver }: NetworkSpec): Promise<void> {
    const { plugins } = this.#parts;
    if (pluginDriver !== undefined && !(await plugins.has(pluginDriver, 'NetworkDriver'))) {
      throw pluginNotFound(pluginDriver);
    }
    if (ipamDriver !== undefined && ipamDriver !== 'null' && !(await plugins.has(ipamDriver, 'IpamDriver'))) {
      throw pluginNotFound(ipamDriver);
    }
  }

  /** Where a third party gives the addresses, it also chooses or confirms the blocks. */
  async #withRemoteBlocks(spec: NetworkSpec, undo: UndoStack): Promise<NetworkSpec> {
    const ipam = spec.driver === 'null' ? undefined : remoteIpam(spec, this.#parts.plugins);
    if (!ipam) return spec;
    const blocks = await ipam.requestBlocks(spec);
    undo.push(() => ipam.releaseBlocks(blocks));
    return { ...spec, blocks };
  }

  async #checkHost({ info, options }: LiveNetwork): Promise<void> {
    if (info.driver === 'null' || info.driver === 'plugin') return;
    if (info.driver !== 'bridge') {
      await checkParent(info.driver, options.parent, options.mode);
      return;
    }
    const isNamed = this.list().some((other) => other.info.bridge === info.bridge);
    if (isNamed || listLinks().some(({ name }) => name === info.bridge)) {
      throw linkNameTaken(info.bridge);
    }
  }

  async #build(network: LiveNetwork, undo: UndoStack): Promise<void> {
    const { links, table } = this.#parts;
    undo.push(() => table.refresh());
    undo.push(() => links.deleteBridge(network.info.bridge));
    undo.push(() => this.#networks.delete(network.info.id));
    await Promise.all([links.ensureBridges([network.bridge]), table.refresh()]);
  }

  async #tearDown({ info }: LiveNetwork): Promise<void> {
    await Promise.all([this.#parts.links.deleteBridge(info.bridge), this.#parts.table.refresh()]);
  }
}
