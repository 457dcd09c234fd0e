import { errorMessage } from '../../../shared/errors.js';
import type { Logger } from '../../../shared/logger.js';
import { setsNdots } from '../../dns/container-resolv-conf.js';
import type { NameDirectory, NamedEndpoint, NamedNetwork } from '../../dns/directory.js';
import { type NameClient, NameService } from '../../dns/name-service.js';
import type { Endpoint, Networks, Sandbox } from '../../network/network.js';
import type { ContainerStore } from '../containers/container-store.js';
import { servesNames } from './names-served.js';

export interface NamesContext {
  readonly networks: Networks;
  readonly store: ContainerStore;
  readonly log: Logger;
}

/**
 * Serves names to every container with a network of the user's for as long as it runs, from before its first
 * instruction. Call it before the networks are restored: those who run already get their server back with that.
 */
export function serveNames(context: NamesContext): Disposable {
  const service = new NameService(nameDirectory(context), { logger: context.log });
  const served = new Map<string, number>();
  const forget = context.networks.onChange((containerId) => {
    service.changed();
    const client = clientOf(context, containerId);
    if (served.get(containerId) === client?.pid) return;
    service.stop(containerId);
    served.delete(containerId);
    if (!client) return;
    try {
      service.start(client);
      served.set(containerId, client.pid);
    } catch (error) {
      // As with dockerd, a container without names runs.
      context.log.error('names are not served', { container: containerId, error: errorMessage(error) });
    }
  });
  return {
    [Symbol.dispose]() {
      forget();
      service[Symbol.dispose]();
    },
  };
}

function clientOf({ networks, store }: NamesContext, id: string): NameClient | undefined {
  const sandbox = networks.sandbox(id);
  if (sandbox?.pid === undefined || !servesNames(networks, sandbox.endpoints)) return undefined;
  const { Dns = [], DnsOptions = [] } = store.byId(id)?.record.hostConfig ?? {};
  return { id, pid: sandbox.pid, servers: Dns, ndots: setsNdots(DnsOptions) };
}

function nameDirectory({ networks, store }: NamesContext): NameDirectory {
  return {
    networksOf(containerId) {
      const { endpoints = [] } = networks.sandbox(containerId) ?? {};
      const configs = store.byId(containerId)?.record.networks ?? {};
      return inOrder(endpoints).flatMap(({ networkId }): readonly NamedNetwork[] => {
        const network = networks.byId(networkId);
        if (!network) return [];
        const { id, name, internal } = network;
        return [{ id, name, internal, links: linksOf(configs[name]?.Links ?? []) }];
      });
    },
    endpointsOn(networkId) {
      if (networks.byId(networkId)?.predefined) return [];
      return networks.sandboxes().flatMap((sandbox) => namedEndpoint(sandbox, networkId));
    },
  };
}

/** The way out first. */
function inOrder(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  return endpoints.toSorted((a, b) => b.priority - a.priority);
}

/** Before `connect` nobody is there to be found. */
function namedEndpoint(
  { pid, containerName, endpoints }: Sandbox,
  networkId: string,
): readonly NamedEndpoint[] {
  const endpoint = endpoints.find((each) => each.networkId === networkId);
  if (!endpoint || pid === undefined) return [];
  const addresses = [endpoint.address, endpoint.address6].filter(Boolean);
  return [{ containerName, aliases: endpoint.dnsNames, addresses }];
}

/** "container:alias", or the container's name alone. */
function linksOf(links: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    links.map((link) => {
      const [container = '', alias = container] = link.split(':');
      return [alias.toLowerCase(), container.replace(/^\//, '')];
    }),
  );
}
