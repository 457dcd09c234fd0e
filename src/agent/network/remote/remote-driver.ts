import { isTsmachineError } from '../../../shared/errors.js';
import { isJsonObject, type JsonObject } from '../../../shared/json.js';
import { pluginFailed } from '../../plugin/errors.js';
import type { Plugins } from '../../plugin/plugins.js';
import { parseAddress } from '../ip.js';
import type { Endpoint, NetworkInfo, PortBinding, StaticRoute } from '../network.js';

/** What a driver says of an endpoint's interface when a container joins. */
export interface Joined {
  /** The interface in the host's network namespace that is to become the container's; "" for none. */
  readonly source: string;
  /** Of its name in the container: "eth" for "eth0". */
  readonly prefix: string;
  readonly gateway: string;
  readonly gateway6: string;
  readonly routes: readonly StaticRoute[];
}

type Addresses = Pick<Endpoint, 'address' | 'prefixLength' | 'address6' | 'prefixLength6' | 'macAddress'>;

/** Network drivers of third parties, by libnetwork's remote driver protocol (moby, libnetwork/docs/remote.md). */
export class RemoteDriver {
  readonly #plugins: Plugins;
  readonly #name: string;

  constructor(plugins: Plugins, name: string) {
    this.#plugins = plugins;
    this.#name = name;
  }

  async createNetwork(network: NetworkInfo): Promise<void> {
    await this.#call('CreateNetwork', {
      NetworkID: network.id,
      Options: {
        'com.docker.network.generic': network.options,
        'com.docker.network.enable_ipv4': network.enableIpv4,
        'com.docker.network.enable_ipv6': network.enableIpv6,
        'com.docker.network.internal': network.internal,
      },
      IPv4Data: ipamData(network, '.'),
      IPv6Data: ipamData(network, ':'),
    });
  }

  async deleteNetwork(id: string): Promise<void> {
    await this.#call('DeleteNetwork', { NetworkID: id });
  }

  /** Answers the endpoint with what the driver has chosen itself. */
  async createEndpoint(endpoint: Endpoint, ports: readonly PortBinding[]): Promise<Endpoint> {
    const { address, prefixLength, address6, prefixLength6, macAddress } = endpoint;
    const answer = await this.#call('CreateEndpoint', {
      ...idsOf(endpoint),
      Interface: {
        Address: withLength(address, prefixLength),
        AddressIPv6: withLength(address6, prefixLength6),
        MacAddress: macAddress,
      },
      Options: portOptions(ports),
    });
    try {
      return { ...endpoint, ...chosenAddresses(answer['Interface']) };
    } catch (error) {
      await this.deleteEndpoint(endpoint);
      throw error;
    }
  }

  async deleteEndpoint(endpoint: Endpoint): Promise<void> {
    await this.#call('DeleteEndpoint', idsOf(endpoint));
  }

  /** `sandboxKey` is the path of the container's network namespace. */
  async join(endpoint: Endpoint, sandboxKey: string): Promise<Joined> {
    const body = { ...idsOf(endpoint), SandboxKey: sandboxKey, Options: {} };
    return parseJoined(await this.#call('Join', body));
  }

  async leave(endpoint: Endpoint): Promise<void> {
    await this.#call('Leave', idsOf(endpoint));
  }

  /** Drivers need not know it. */
  async openPorts(endpoint: Endpoint, ports: readonly PortBinding[]): Promise<void> {
    const body = { ...idsOf(endpoint), Options: portOptions(ports) };
    await this.#call('ProgramExternalConnectivity', body).catch(forgiveUnknown);
  }

  async closePorts(endpoint: Endpoint): Promise<void> {
    await this.#call('RevokeExternalConnectivity', idsOf(endpoint)).catch(forgiveUnknown);
  }

  async #call(method: string, body: object): Promise<JsonObject> {
    return this.#plugins.call(this.#name, 'NetworkDriver', method, body);
  }
}

function forgiveUnknown(error: unknown): void {
  if (!isTsmachineError(error) || error.code !== 'PLUGIN_METHOD_UNKNOWN') throw error;
}

function idsOf({ networkId, endpointId }: Endpoint) {
  return { NetworkID: networkId, EndpointID: endpointId };
}

function ipamData({ blocks }: NetworkInfo, mark: '.' | ':') {
  return blocks
    .filter(({ subnet }) => subnet.includes(mark))
    .map(({ subnet, gateway, auxiliaryAddresses }) => {
      const length = subnet.split('/')[1];
      const aux = Object.entries(auxiliaryAddresses ?? {}).map(([key, each]) => [key, `${each}/${length}`]);
      return {
        AddressSpace: 'LocalDefault',
        Pool: subnet,
        ...(gateway && { Gateway: `${gateway}/${length}` }),
        AuxAddresses: Object.fromEntries(aux),
      };
    });
}

function portOptions(ports: readonly PortBinding[]) {
  const numbers = { tcp: 6, udp: 17, sctp: 132 };
  return {
    'com.docker.network.endpoint.exposedports': ports.map(({ protocol, containerPort }) => ({
      Proto: numbers[protocol],
      Port: containerPort,
    })),
    'com.docker.network.portmap': ports.map(
      ({ protocol, containerPort, hostAddress, hostPort, lastHostPort }) => ({
        ...{ Proto: numbers[protocol], IP: '', Port: containerPort, HostIP: hostAddress },
        ...{ HostPort: hostPort, HostPortEnd: lastHostPort ?? hostPort },
      }),
    ),
  };
}

function withLength(address: string, length: number): string {
  return address === '' ? '' : `${address}/${length}`;
}

function chosenAddresses(given: unknown): Partial<Addresses> {
  if (!isJsonObject(given)) return {};
  const { Address, AddressIPv6, MacAddress } = given;
  const four = parseCidr(Address);
  const six = parseCidr(AddressIPv6);
  return {
    ...(four && { address: four.address, prefixLength: four.length }),
    ...(six && { address6: six.address, prefixLength6: six.length }),
    ...(typeof MacAddress === 'string' && MacAddress !== '' && { macAddress: MacAddress.toLowerCase() }),
  };
}

function parseCidr(text: unknown): { readonly address: string; readonly length: number } | undefined {
  if (typeof text !== 'string' || text === '') return undefined;
  const [address = '', length] = text.split('/');
  if (!parseAddress(address) || !/^\d{1,3}$/.test(length ?? '')) {
    throw pluginFailed(`the network driver answered an invalid address: ${text}`);
  }
  return { address, length: Number(length) };
}

function parseJoined(answer: JsonObject): Joined {
  const { InterfaceName, Gateway, GatewayIPv6, StaticRoutes } = answer;
  const names = isJsonObject(InterfaceName) ? InterfaceName : {};
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const checked = (value: unknown, what: string) => {
    if (text(value) === '' || parseAddress(text(value))) return text(value);
    throw pluginFailed(`unable to parse ${what} "${text(value)}"`);
  };
  return {
    source: linkName(text(names['SrcName'])),
    prefix: linkName(text(names['DstPrefix'])) || 'eth',
    gateway: checked(Gateway, 'Gateway'),
    gateway6: checked(GatewayIPv6, 'GatewayIPv6'),
    routes: Array.isArray(StaticRoutes) ? StaticRoutes.flatMap(parseRoute) : [],
  };
}

/** It becomes a part of a command. */
function linkName(name: string): string {
  if (name === '' || /^[A-Za-z0-9_.@-]{1,15}$/.test(name)) return name;
  throw pluginFailed(`the network driver answered an invalid interface name: ${JSON.stringify(name)}`);
}

function parseRoute(value: unknown): readonly StaticRoute[] {
  if (!isJsonObject(value)) return [];
  const { Destination, NextHop, RouteType } = value;
  const destination = parseCidr(Destination);
  if (!destination) return [];
  const nextHop = RouteType === 0 && typeof NextHop === 'string' ? NextHop : '';
  if (nextHop !== '' && !parseAddress(nextHop)) throw pluginFailed(`failed to parse nexthop IP ${nextHop}`);
  return [
    { destination: `${destination.address}/${destination.length}`, ...(nextHop !== '' && { nextHop }) },
  ];
}
