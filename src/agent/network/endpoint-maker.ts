import { errorMessage } from '../../shared/errors.js';
import { randomId } from '../../shared/identifiers.js';
import type { Logger } from '../../shared/logger.js';
import type { UndoStack } from '../../shared/undo-stack.js';
import { networkIsTemplate } from './errors.js';
import type { Attachment, Endpoint, PortBinding } from './network.js';
import type { NetworkRegistry } from './network-registry.js';
import { interfaceName, newEndpoint } from './new-endpoint.js';
import { RemoteEndpoints } from './remote/remote-endpoints.js';

/** Endpoints before and after they are in the kernel: their addresses, and what third parties' drivers are told. */
export class EndpointMaker {
  readonly remote: RemoteEndpoints;
  readonly #registry: NetworkRegistry;
  readonly #logger: Logger;

  constructor(registry: NetworkRegistry, logger: Logger) {
    this.#registry = registry;
    this.#logger = logger;
    this.remote = new RemoteEndpoints((id) => registry.get(id), logger);
  }

  /** Takes an address; `undo` gives it back. `others` are the container's, `ports` those that it publishes. */
  async take(
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
    return this.remote.create(endpoint, ports, undo);
  }

  /** Takes the addresses of an earlier run; false when one is not free, and then none is taken. */
  async adopt(endpoints: readonly Endpoint[]): Promise<boolean> {
    const adopted: Endpoint[] = [];
    for (const endpoint of endpoints) {
      if (this.#registry.get(endpoint.networkId)?.pools.adopt(endpoint)) adopted.push(endpoint);
    }
    if (adopted.length === endpoints.length) return true;
    await this.release(adopted);
    return false;
  }

  /** A third party that does not take an address back must not keep the container. */
  async release(endpoints: readonly Endpoint[]): Promise<void> {
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
}
