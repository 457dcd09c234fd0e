import type { SandboxRecord } from './endpoint-records.js';
import type { WayOut } from './ip-command.js';
import type { Ipv6Listener } from './ipv6-proxy.js';
import type { LiveNetwork } from './live-network.js';
import type { Endpoint, PortBinding } from './network.js';
import type { Publication } from './nft-ruleset.js';

type NetworkOf = (id: string) => LiveNetwork | undefined;

/**
 * The endpoints that the default routes go through. As libnetwork chooses (endpoint.go, Less): the highest priority,
 * then a network with both families, then the first by name.
 */
export function chooseWayOut(endpoints: readonly Endpoint[], network: NetworkOf): WayOut {
  const leading = endpoints
    .filter(({ networkId }) => network(networkId)?.leadsOut)
    .sort(
      (a, b) =>
        b.priority - a.priority ||
        families(b) - families(a) ||
        compare(network(a.networkId)?.info.name ?? '', network(b.networkId)?.info.name ?? ''),
    );
  return {
    v4: leading.find(({ gateway }) => gateway !== ''),
    v6: leading.find(({ gateway6 }) => gateway6 !== ''),
  };
}

/** The endpoint that published ports lead to: the way out, where ports can be published through it. */
export function publishingEndpoint({ v4, v6 }: WayOut, network: NetworkOf): Endpoint | undefined {
  return [v4, v6].find((endpoint) => endpoint && network(endpoint.networkId)?.publishes);
}

/** What the kernel leads to the container. */
export function publicationsOf(
  { address, address6 }: Endpoint,
  ports: readonly PortBinding[],
): readonly Publication[] {
  return ports.flatMap((port) => {
    const target = port.hostAddress.includes(':') ? address6 : address;
    return target === '' ? [] : [{ ...port, address: target }];
  });
}

/** What of the linked containers is open to a container; `held` answers what another one has. */
export function linkedPublications(
  { endpoints, links = [] }: SandboxRecord,
  held: (containerId: string) => SandboxRecord | undefined,
  network: NetworkOf,
): readonly Publication[] {
  return endpoints
    .filter(({ address, networkId }) => address !== '' && network(networkId)?.keepsApart)
    .flatMap(({ address: linkedTo, networkId }) =>
      links.flatMap(({ containerId, protocol, port }): readonly Publication[] => {
        const target = held(containerId)?.endpoints.find((each) => each.networkId === networkId);
        if (!target?.address) return [];
        const { address } = target;
        return [{ protocol, hostAddress: '0.0.0.0', hostPort: port, address, containerPort: port, linkedTo }];
      }),
    );
}

/** What this process leads there: TCP on IPv6 addresses, of which the kernel does not serve ::1, or none at all. */
export function listenersOf(
  { address, address6 }: Endpoint,
  ports: readonly PortBinding[],
): readonly Ipv6Listener[] {
  return ports
    .filter(({ hostAddress, protocol, routed }) => hostAddress.includes(':') && protocol === 'tcp' && !routed)
    .map((port) => ({ ...port, address: address || address6 }));
}

function families({ address, address6 }: Endpoint): number {
  return Number(address !== '') + Number(address6 !== '');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
