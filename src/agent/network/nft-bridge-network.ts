import { join } from 'node:path';
import { errorMessage } from '../../shared/errors.js';
import { randomId } from '../../shared/identifiers.js';
import { KeyedMutex } from '../../shared/keyed-mutex.js';
import { type Logger, silentLogger } from '../../shared/logger.js';
import { UndoStack } from '../../shared/undo-stack.js';
import { ContainerLinks } from './container-links.js';
import { type EndpointRecord, EndpointRecords } from './endpoint-records.js';
import { addressesExhausted, endpointFailed, nothingReserved } from './errors.js';
import { acceptForwarding, withdrawForwarding } from './forward-policy.js';
import { AddressPool } from './ipam.js';
import { formatIpv4, formatSubnet, macAddressOf, parseIpv4 } from './ipv4.js';
import { type Ipv6Listener, Ipv6Proxies } from './ipv6-proxy.js';
import type { BridgeEndpoint, BridgeNetwork, PortBinding } from './network.js';
import { openNetworkRecord } from './network-record.js';
import type { Publication } from './nft-ruleset.js';
import { NftTable } from './nft-table.js';
import { PortAllocator } from './port-allocator.js';
import { portClaims } from './port-claims.js';
import { hostHasIpv6 } from './sysctl.js';

export interface NftBridgeNetworkOptions {
  /** Holds the network's record and its endpoints'. Nobody else writes there. */
  readonly stateDir: string;
  readonly name: string;
  /** The Linux bridge's name, 15 characters at most. */
  readonly bridge: string;
  /** CIDR; without it the first of Docker's default pools that no route of the host overlaps. */
  readonly subnet?: string;
  readonly logger?: Logger;
}

/**
 * The bridge network by a Linux bridge, veth pairs and one nftables table. Before anything else: `open`, which
 * reads the records, then `restore`, which puts the kernel right.
 */
export class NftBridgeNetwork implements BridgeNetwork {
  readonly id: string;
  readonly name: string;
  readonly subnet: string;
  readonly gateway: string;
  readonly bridge: string;
  readonly #addresses: AddressPool;
  readonly #records: EndpointRecords;
  readonly #ports = new PortAllocator();
  readonly #proxies = new Ipv6Proxies();
  readonly #table: NftTable;
  readonly #links: ContainerLinks;
  readonly #mutex = new KeyedMutex();
  readonly #held = new Map<string, EndpointRecord>();
  readonly #logger: Logger;

  private constructor(
    options: NftBridgeNetworkOptions,
    parts: { readonly id: string; readonly addresses: AddressPool; readonly records: EndpointRecords },
  ) {
    this.id = parts.id;
    this.name = options.name;
    this.bridge = options.bridge;
    this.#addresses = parts.addresses;
    this.#records = parts.records;
    this.subnet = formatSubnet(parts.addresses.subnet);
    this.gateway = formatIpv4(parts.addresses.gateway);
    this.#table = new NftTable(this);
    this.#logger = options.logger ?? silentLogger;
    this.#links = new ContainerLinks(
      { name: this.bridge, subnet: parts.addresses.subnet, gateway: parts.addresses.gateway },
      this.#logger,
    );
  }

  /** Reads the records; changes nothing in the kernel. Throws NO_FREE_SUBNET, SUBNET_INVALID. */
  static async open(options: NftBridgeNetworkOptions): Promise<NftBridgeNetwork> {
    const { id, subnet } = await openNetworkRecord(options.stateDir, options);
    const records = new EndpointRecords(join(options.stateDir, 'endpoints'));
    const network = new NftBridgeNetwork(options, { id, addresses: new AddressPool(subnet), records });
    for (const record of await records.load()) await network.#adopt(record);
    return network;
  }

  endpoint(containerId: string): BridgeEndpoint | undefined {
    return this.#held.get(containerId)?.endpoint;
  }

  async reserve(
    container: { readonly id: string; readonly name: string },
    ports: readonly PortBinding[],
  ): Promise<BridgeEndpoint> {
    return this.#mutex.run(container.id, async () => {
      await this.#release(container.id);
      await using undo = new UndoStack();
      const name = { containerName: container.name, endpointId: randomId() };
      const number = this.#addresses.allocate();
      if (number === undefined) throw addressesExhausted(this.name, this.id);
      undo.push(() => this.#addresses.release(number));
      const taken: PortBinding[] = [];
      undo.push(() => this.#releasePorts(taken));
      const claims = ports.length === 0 ? [] : portClaims(ports, await hostHasIpv6());
      for (const claim of claims) taken.push(...(await this.#ports.take(claim, name, formatIpv4(number))));
      const record = this.#recordOf(container.id, name, number, taken);
      await this.#records.save(record);
      this.#held.set(container.id, record);
      undo.commit();
      return record.endpoint;
    });
  }

  async connect(containerId: string, pid: number): Promise<void> {
    await this.#mutex.run(containerId, async () => {
      const record = this.#held.get(containerId);
      if (!record) throw nothingReserved(containerId);
      const { containerName, endpoint } = record;
      const steps = await Promise.allSettled([
        this.#links.plug(endpoint, pid),
        this.#table.publish(containerId, publicationsOf(endpoint)),
        this.#proxies.open(containerId, ipv6ListenersOf(endpoint)),
      ]);
      const failed = steps.find((step) => step.status === 'rejected');
      if (!failed) return;
      await this.#unplug(record);
      throw endpointFailed({ containerName, endpointId: endpoint.endpointId }, failed.reason);
    });
  }

  async release(containerId: string): Promise<void> {
    await this.#mutex.run(containerId, () => this.#release(containerId));
  }

  async restore(running: ReadonlyMap<string, number>): Promise<void> {
    for (const record of [...this.#held.values()]) {
      if (!running.has(record.containerId)) await this.#forget(record);
    }
    const held = [...this.#held.values()];
    await this.#restoreLinks(held, running);
    await Promise.all([
      this.#table.replace(new Map(held.map((one) => [one.containerId, publicationsOf(one.endpoint)]))),
      acceptForwarding(this.bridge),
      ...held.map((one) => this.#reopenProxies(one)),
    ]);
  }

  /** Ends what lives in this process; with `remove`, also takes bridge, links and rules out of the kernel. */
  async close(options: { readonly remove: boolean }): Promise<void> {
    await this.#proxies.closeAll();
    if (!options.remove) return;
    await this.#links.removeAll();
    await this.#table.remove();
    await withdrawForwarding(this.bridge);
  }

  /** A record of an earlier run. One that does not fit (another subnet was chosen since) is dropped. */
  async #adopt(record: EndpointRecord): Promise<void> {
    const { containerId, endpoint } = record;
    const number = parseIpv4(endpoint.address);
    if (number === undefined || !this.#addresses.claim(number)) return this.#records.remove(containerId);
    for (const binding of endpoint.ports) this.#ports.hold(binding);
    this.#held.set(containerId, record);
  }

  #recordOf(
    containerId: string,
    { containerName, endpointId }: { readonly containerName: string; readonly endpointId: string },
    number: number,
    ports: readonly PortBinding[],
  ): EndpointRecord {
    const endpoint = {
      networkId: this.id,
      endpointId,
      gateway: this.gateway,
      address: formatIpv4(number),
      prefixLength: this.#addresses.subnet.prefixLength,
      macAddress: macAddressOf(number),
      ports,
    };
    return { containerId, containerName, endpoint };
  }

  /** Takes the endpoint out of the kernel; tries everything, then throws the first failure. */
  async #unplug({ containerId, endpoint }: EndpointRecord): Promise<void> {
    const steps = await Promise.allSettled([
      this.#table.withdraw(containerId),
      this.#proxies.close(containerId),
      this.#links.unplug(endpoint),
    ]);
    const failed = steps.find((step) => step.status === 'rejected');
    if (failed) throw failed.reason;
  }

  /** When the kernel does not let go, address and ports stay taken: nobody else may get them. */
  async #release(containerId: string): Promise<void> {
    const record = this.#held.get(containerId);
    if (!record) return;
    await this.#unplug(record);
    await this.#forget(record);
  }

  async #forget({ containerId, endpoint }: EndpointRecord): Promise<void> {
    await this.#records.remove(containerId);
    this.#held.delete(containerId);
    this.#releasePorts(endpoint.ports);
    const number = parseIpv4(endpoint.address);
    if (number !== undefined) this.#addresses.release(number);
  }

  #releasePorts(ports: readonly PortBinding[]): void {
    for (const binding of ports) this.#ports.release(binding);
  }

  async #restoreLinks(held: readonly EndpointRecord[], running: ReadonlyMap<string, number>): Promise<void> {
    const missing = await this.#links.restore(held.map((one) => one.endpoint));
    for (const { containerId, endpoint } of held) {
      const pid = running.get(containerId);
      if (pid === undefined || !missing.includes(endpoint)) continue;
      await this.#links
        .plug(endpoint, pid)
        .catch((error) => this.#notRestored('network interface', containerId, error));
    }
  }

  async #reopenProxies({ containerId, endpoint }: EndpointRecord): Promise<void> {
    const opened = this.#proxies.open(containerId, ipv6ListenersOf(endpoint));
    await opened.catch((error) => this.#notRestored('IPv6 ports', containerId, error));
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

function publicationsOf({ address, ports }: BridgeEndpoint): readonly Publication[] {
  return ports.filter(({ hostAddress }) => !hostAddress.includes(':')).map((port) => ({ ...port, address }));
}

function ipv6ListenersOf({ address, ports }: BridgeEndpoint): readonly Ipv6Listener[] {
  return ports.filter(({ hostAddress }) => hostAddress.includes(':')).map((port) => ({ ...port, address }));
}
