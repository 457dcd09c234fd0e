import { type Filters, matchesLabels } from '../../../api/filters.js';
import type { NetworkResource } from '../../../api/network.js';
import { digestHex, digestOf } from '../../../shared/digest.js';
import type { BridgeNetwork } from '../../network/network.js';
import type { ContainerStore } from '../containers/container-store.js';
import { networkMode } from '../containers/network-mode.js';
import { invalidFilter, noSuchNetwork, predefinedNetwork, unsupportedOption } from '../errors.js';

export interface NetworkContext {
  readonly network: BridgeNetwork;
  readonly containers: ContainerStore;
  /** Tells this host's `host` and `none` from another's. */
  readonly hostId: string;
  readonly createdAt: string;
}

/** The three predefined networks. Others cannot be made yet. */
export class NetworkService {
  readonly #context: NetworkContext;

  constructor(context: NetworkContext) {
    this.#context = context;
  }

  async list(filters: Filters): Promise<readonly NetworkResource[]> {
    for (const name of filters.keys()) if (!known.has(name)) throw invalidFilter(name);
    return this.#all()
      .filter((network) => matches(network, filters))
      .map((network) => ({ ...network, Containers: {} }));
  }

  async inspect(nameOrId: string): Promise<NetworkResource> {
    const networks = this.#all();
    const found =
      networks.find(({ Name, Id }) => Name === nameOrId || Id === nameOrId) ??
      networks.find(({ Id }) => nameOrId !== '' && Id.startsWith(nameOrId));
    if (!found) throw noSuchNetwork(nameOrId);
    return found;
  }

  async create(): Promise<never> {
    throw unsupportedOption('creating networks');
  }

  async connect(nameOrId: string): Promise<never> {
    await this.inspect(nameOrId);
    throw unsupportedOption('connecting a container to a further network');
  }

  async disconnect(nameOrId: string): Promise<never> {
    await this.inspect(nameOrId);
    throw unsupportedOption('disconnecting a container from its network');
  }

  async remove(nameOrId: string): Promise<never> {
    const { Name } = await this.inspect(nameOrId);
    throw predefinedNetwork(Name);
  }

  #all(): readonly NetworkResource[] {
    return [this.#bridge(), this.#plain('host', 'host'), this.#plain('none', 'null')];
  }

  #bridge(): NetworkResource {
    const { network } = this.#context;
    return {
      ...this.#plain('bridge', 'bridge'),
      Name: network.name,
      Id: network.id,
      IPAM: {
        Driver: 'default',
        Options: null,
        Config: [{ Subnet: network.subnet, Gateway: network.gateway }],
      },
      Options: {
        'com.docker.network.bridge.default_bridge': 'true',
        'com.docker.network.bridge.enable_icc': 'true',
        'com.docker.network.bridge.enable_ip_masquerade': 'true',
        'com.docker.network.bridge.host_binding_ipv4': '0.0.0.0',
        'com.docker.network.bridge.name': network.bridge,
        'com.docker.network.driver.mtu': '1500',
      },
    };
  }

  #plain(name: 'bridge' | 'host' | 'none', driver: string): NetworkResource {
    return {
      Name: name,
      Id: digestHex(digestOf(`${this.#context.hostId} ${name}`)),
      Created: this.#context.createdAt,
      Scope: 'local',
      Driver: driver,
      EnableIPv4: true,
      EnableIPv6: false,
      IPAM: { Driver: 'default', Options: null, Config: [] },
      Internal: false,
      Attachable: false,
      Ingress: false,
      ConfigFrom: { Network: '' },
      ConfigOnly: false,
      Containers: this.#containersOn(name),
      Options: {},
      Labels: {},
    };
  }

  #containersOn(type: string): NetworkResource['Containers'] {
    const { containers, network } = this.#context;
    const on = containers
      .list()
      .filter(({ running, record }) => running && networkMode(record.hostConfig).type === type);
    return Object.fromEntries(
      on.map(({ id, record }) => {
        const endpoint = type === 'bridge' ? network.endpoint(id) : undefined;
        return [
          id,
          {
            Name: record.name,
            EndpointID: endpoint?.endpointId ?? '',
            MacAddress: endpoint?.macAddress ?? '',
            IPv4Address: endpoint ? `${endpoint.address}/${endpoint.prefixLength}` : '',
            IPv6Address: '',
          },
        ];
      }),
    );
  }
}

const known = new Set(['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type']);

function matches({ Name, Id, Driver, Scope, Labels }: NetworkResource, filters: Filters): boolean {
  const any = (name: string, test: (value: string) => boolean): boolean => {
    const values = filters.get(name);
    return values === undefined || [...values].some(test);
  };
  return (
    any('name', (value) => Name.includes(value)) &&
    any('id', (value) => Id.startsWith(value)) &&
    any('driver', (value) => Driver === value) &&
    any('scope', (value) => Scope === value) &&
    any('type', (value) => value === 'builtin') &&
    any('dangling', (value) => value === 'false' || value === '0') &&
    matchesLabels(filters.get('label'), Labels)
  );
}
