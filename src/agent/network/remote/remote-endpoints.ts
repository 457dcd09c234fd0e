import { errorMessage } from '../../../shared/errors.js';
import type { Logger } from '../../../shared/logger.js';
import type { UndoStack } from '../../../shared/undo-stack.js';
import { giveBackLink } from '../link.js';
import type { LiveNetwork } from '../live-network.js';
import type { Endpoint, PortBinding } from '../network.js';
import { interfaceName } from '../new-endpoint.js';

/** The endpoints on networks of third parties' drivers: what these are told, and when. */
export class RemoteEndpoints {
  readonly #network: (id: string) => LiveNetwork | undefined;
  readonly #logger: Logger;

  constructor(network: (id: string) => LiveNetwork | undefined, logger: Logger) {
    this.#network = network;
    this.#logger = logger;
  }

  /** Tells the driver of an endpoint to come; answers it as the driver wants it. Other networks' is answered as it is. */
  async create(endpoint: Endpoint, ports: readonly PortBinding[], undo: UndoStack): Promise<Endpoint> {
    const driver = this.#driverOf(endpoint);
    if (!driver) return endpoint;
    const made = await driver.createEndpoint(endpoint, ports);
    undo.push(() => driver.deleteEndpoint(endpoint));
    return made;
  }

  /** Lets those join a container that are on such networks; answers all endpoints, with what the drivers said. */
  async join(
    endpoints: readonly Endpoint[],
    joining: readonly Endpoint[],
    pid: number,
  ): Promise<readonly Endpoint[]> {
    const all = [...endpoints];
    for (const endpoint of joining) {
      const driver = this.#driverOf(endpoint);
      if (!driver) continue;
      const { source, prefix, gateway, gateway6, routes } = await driver.join(
        endpoint,
        `/proc/${pid}/ns/net`,
      );
      const at = all.indexOf(endpoint);
      const others = all.filter((each) => each !== endpoint);
      const isNamed = endpoint.interface !== '' && !/^eth\d+$/.test(endpoint.interface);
      const name = isNamed ? endpoint.interface : interfaceName({}, prefix, others);
      all[at] = { ...endpoint, gateway, gateway6, interface: name, remote: { source, routes } };
    }
    return all;
  }

  /** After a container has its interfaces. */
  async openPorts(endpoints: readonly Endpoint[], ports: readonly PortBinding[]): Promise<void> {
    for (const endpoint of endpoints) await this.#driverOf(endpoint)?.openPorts(endpoint, ports);
  }

  /**
   * Takes endpoints away, of a container that runs (`pid`) or has ended. A driver that fails is only logged, as by
   * dockerd: its containers must be able to go.
   */
  async remove(endpoints: readonly Endpoint[], pid: number | undefined): Promise<void> {
    for (const endpoint of endpoints) {
      const driver = this.#driverOf(endpoint);
      if (!driver) continue;
      await this.#try('RevokeExternalConnectivity', endpoint, () => driver.closePorts(endpoint));
      await this.#try('Leave', endpoint, () => driver.leave(endpoint));
      const source = endpoint.remote?.source;
      if (pid !== undefined && source) {
        await this.#try('moving the interface back', endpoint, () =>
          giveBackLink(pid, endpoint.interface, source),
        );
      }
      await this.#try('DeleteEndpoint', endpoint, () => driver.deleteEndpoint(endpoint));
    }
  }

  #driverOf({ networkId }: Endpoint) {
    return this.#network(networkId)?.remote;
  }

  async #try(what: string, { endpointId }: Endpoint, action: () => Promise<void>): Promise<void> {
    await action().catch((error) => {
      this.#logger.warn('network plugin failed', { what, endpoint: endpointId, error: errorMessage(error) });
    });
  }
}
