import { type Filters, matchesLabels } from '../../../api/filters.js';
import type {
  NetworkConnectRequest,
  NetworkCreateRequest,
  NetworkCreateResponse,
  NetworkDisconnectRequest,
  NetworkPruneResponse,
  NetworkResource,
} from '../../../api/network.js';
import { errorMessage, isTsmachineError } from '../../../shared/errors.js';
import { formatNanoTime } from '../../../shared/nanotime.js';
import type { NetworkInfo } from '../../network/network.js';
import type { ContainerContext } from '../containers/context.js';
import { compareTimes } from '../containers/list-filter.js';
import {
  ambiguousNetwork,
  invalidFilter,
  invalidOption,
  noSuchNetwork,
  predefinedNetwork,
} from '../errors.js';
import { untilOf } from '../until.js';
import { connectContainer, disconnectContainer } from './connect.js';
import { createNetwork } from './create-network.js';
import { publishNetworkEvent } from './network-events.js';
import { networkFilter } from './network-filter.js';
import { type HostNetworks, networkResource, plainResource } from './network-resource.js';

/** The network use cases by name or ID. */
export class NetworkService {
  readonly #context: ContainerContext;
  readonly #host: HostNetworks;

  constructor(context: ContainerContext, host: HostNetworks) {
    this.#context = context;
    this.#host = host;
  }

  async list(filters: Filters): Promise<readonly NetworkResource[]> {
    const shown = this.#all().filter(networkFilter(filters));
    return shown.map((network) => ({ ...network, Containers: {} }));
  }

  /** Throws NETWORK_NOT_FOUND, NETWORK_AMBIGUOUS. */
  async inspect(nameOrId: string, scope?: string): Promise<NetworkResource> {
    if (scope !== undefined && scope !== 'local') throw noSuchNetwork(nameOrId);
    return this.#resolve(nameOrId);
  }

  async create(request: NetworkCreateRequest | undefined): Promise<NetworkCreateResponse> {
    const { id } = await createNetwork(this.#context, request ?? {});
    return { Id: id, Warning: '' };
  }

  async connect(nameOrId: string, request: NetworkConnectRequest | undefined): Promise<void> {
    const network = this.#resolveMade(nameOrId);
    const container = this.#context.store.resolve(request?.Container ?? '');
    await connectContainer(this.#context, container, network, request?.EndpointConfig ?? {});
  }

  async disconnect(nameOrId: string, request: NetworkDisconnectRequest | undefined): Promise<void> {
    const network = this.#resolveMade(nameOrId);
    const container = this.#context.store.resolve(request?.Container ?? '');
    await disconnectContainer(this.#context, container, network);
  }

  async remove(nameOrId: string): Promise<void> {
    const { Id, Name } = this.#resolve(nameOrId);
    const network = this.#context.networks.byId(Id);
    if (!network || network.predefined) throw predefinedNetwork(Name);
    await this.#remove(network);
  }

  /** Removes the networks that nothing runs on and that `label`, `label!` and `until` leave. */
  async prune(filters: Filters): Promise<NetworkPruneResponse> {
    for (const name of filters.keys()) {
      if (!['label', 'label!', 'until'].includes(name)) throw invalidFilter(name);
    }
    const until = untilOf(filters);
    const removed: string[] = [];
    for (const network of this.#context.networks.list().filter((each) => isPrunable(each, filters, until))) {
      const error = await this.#remove(network).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined) removed.push(network.name);
      else if (!isTsmachineError(error) || error.code !== 'NETWORK_IN_USE') {
        this.#context.log.warn('network is not pruned', {
          network: network.name,
          error: errorMessage(error),
        });
      }
    }
    const attributes = { reclaimed: '0' };
    this.#context.events.publish({ type: 'network', action: 'prune', id: '', attributes });
    return { NetworksDeleted: removed.length > 0 ? removed : null };
  }

  async #remove(network: NetworkInfo): Promise<void> {
    await this.#context.networks.remove(network.id);
    publishNetworkEvent(this.#context.events, network, 'destroy');
  }

  #all(): readonly NetworkResource[] {
    const { networks, store } = this.#context;
    const plain = (name: 'host' | 'none') => plainResource(name, this.#host, store.list());
    return [
      ...networks.list().map((network) => networkResource(network, networks.sandboxes())),
      plain('host'),
      plain('none'),
    ];
  }

  #resolve(nameOrId: string): NetworkResource {
    const all = this.#all();
    const exact = all.find(({ Name, Id }) => Name === nameOrId || Id === nameOrId);
    if (exact) return exact;
    const matches = nameOrId === '' ? [] : all.filter(({ Id }) => Id.startsWith(nameOrId));
    if (matches.length > 1) throw ambiguousNetwork(nameOrId, matches.length);
    const [found] = matches;
    if (!found) throw noSuchNetwork(nameOrId);
    return found;
  }

  /** Of those that containers can join and leave. */
  #resolveMade(nameOrId: string): NetworkInfo {
    const { Id, Name } = this.#resolve(nameOrId);
    const network = this.#context.networks.byId(Id);
    if (network) return network;
    throw invalidOption(
      Name === 'host'
        ? 'container cannot be disconnected from host network or connected to host network'
        : 'container cannot be connected to multiple networks with one of the networks in private (none) mode',
    );
  }
}

function isPrunable(
  { predefined, driver, labels, created }: NetworkInfo,
  filters: Filters,
  until: bigint | undefined,
): boolean {
  if (predefined || driver === 'null' || !matchesLabels(filters.get('label'), labels)) return false;
  for (const unwanted of filters.get('label!') ?? []) {
    if (matchesLabels(new Set([unwanted]), labels)) return false;
  }
  return until === undefined || compareTimes(created, formatNanoTime(until)) <= 0;
}
