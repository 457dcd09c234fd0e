import type { EndpointConfig } from '../container-config.js';
import type { NetworkCreateRequest, NetworkResource } from '../network.js';
import type { Pruned } from './container-actions.js';
import { encodeFilters } from './containers.js';
import type { EngineClient } from './engine-client.js';
import type { Filters } from './types.js';

/** The body of `POST /networks/create`. */
export interface NewNetwork {
  readonly Name: string;
  readonly Driver: string;
  readonly Internal: boolean;
  readonly Attachable: boolean;
  readonly EnableIPv4?: boolean;
  readonly EnableIPv6: boolean;
  readonly ConfigOnly?: boolean;
  readonly ConfigFrom?: { readonly Network: string };
  readonly Ingress?: boolean;
  readonly Scope?: string;
  readonly Options: Readonly<Record<string, string>>;
  readonly Labels: Readonly<Record<string, string>>;
  readonly IPAM: {
    readonly Driver: string;
    readonly Options: Readonly<Record<string, string>>;
    readonly Config: readonly IpamPool[];
  };
}

export interface IpamPool {
  readonly Subnet: string;
  readonly IPRange?: string;
  readonly Gateway?: string;
  readonly AuxiliaryAddresses?: Readonly<Record<string, string>>;
}

/** How a container is in a network. */
export interface NetworkEndpoint {
  readonly Aliases?: readonly string[];
  readonly Links?: readonly string[];
  readonly DriverOpts?: Readonly<Record<string, string>>;
  readonly IPAMConfig?: {
    readonly IPv4Address?: string;
    readonly IPv6Address?: string;
    readonly LinkLocalIPs?: readonly string[];
  };
  readonly MacAddress?: string;
  readonly GwPriority?: number;
}

export async function listNetworks(
  client: EngineClient,
  filters: Filters,
  signal?: AbortSignal,
): Promise<readonly NetworkResource[]> {
  const query = { filters: encodeFilters(filters) };
  return client.json({ method: 'GET', path: '/networks', query, signal });
}

export async function inspectNetwork(
  client: EngineClient,
  name: string,
  options: { readonly verbose: boolean },
  signal?: AbortSignal,
): Promise<NetworkResource> {
  return client.json({ method: 'GET', path: networkPath(name), query: options, signal });
}

/** Its ID, and the engine's warning. */
export async function createNetwork(
  client: EngineClient,
  body: NetworkCreateRequest,
  signal?: AbortSignal,
): Promise<{ readonly Id: string; readonly Warning?: string }> {
  return client.json({ method: 'POST', path: '/networks/create', body, signal });
}

export async function removeNetwork(client: EngineClient, name: string, signal?: AbortSignal): Promise<void> {
  await client.json({ method: 'DELETE', path: networkPath(name), signal });
}

export async function connectNetwork(
  client: EngineClient,
  name: string,
  body: { readonly Container: string; readonly EndpointConfig: EndpointConfig },
  signal?: AbortSignal,
): Promise<void> {
  await client.json({ method: 'POST', path: `${networkPath(name)}/connect`, body, signal });
}

export async function disconnectNetwork(
  client: EngineClient,
  name: string,
  body: { readonly Container: string; readonly Force: boolean },
  signal?: AbortSignal,
): Promise<void> {
  await client.json({ method: 'POST', path: `${networkPath(name)}/disconnect`, body, signal });
}

export async function pruneNetworks(
  client: EngineClient,
  filters: Filters,
  signal?: AbortSignal,
): Promise<Pruned> {
  const query = { filters: encodeFilters(filters) };
  const answer = await client.json<{ readonly NetworksDeleted?: readonly string[] | null }>({
    ...{ method: 'POST', path: '/networks/prune', query, signal },
  });
  return { deleted: answer.NetworksDeleted ?? [], reclaimed: 0 };
}

function networkPath(name: string): string {
  return `/networks/${encodeURIComponent(name)}`;
}
