import type { EndpointConfig } from '../../../api/container-config.js';
import { shortId } from '../../../shared/identifiers.js';
import type { Attachment, NetworkInfo } from '../../network/network.js';
import { noSuchNetwork } from '../errors.js';
import type { ContainerContext } from './context.js';
import { networkMode } from './network-mode.js';
import type { ContainerRecord } from './record.js';

type Records = Pick<ContainerRecord, 'networks' | 'hostConfig'>;

/** The networks that a container is to be on, by name: `host` and `none` too, but none for `container:…`. */
export function networksOfRecord({
  networks,
  hostConfig,
}: Records): Readonly<Record<string, EndpointConfig>> {
  if (networks) return networks;
  const mode = networkMode(hostConfig);
  if (mode.type === 'container') return {};
  return { [mode.type === 'user' ? mode.name : mode.type]: {} };
}

/** Whether it has a network namespace whose interfaces are ours to make. */
export function hasSandbox({ config, hostConfig }: Pick<ContainerRecord, 'config' | 'hostConfig'>): boolean {
  if (config.NetworkDisabled) return false;
  const { type } = networkMode(hostConfig);
  return type === 'bridge' || type === 'user';
}

/** What the networks are asked for at a start. Throws NETWORK_NOT_FOUND. */
export function attachmentsOf(
  { networks }: ContainerContext,
  record: ContainerRecord,
): readonly Attachment[] {
  return Object.entries(networksOfRecord(record)).map(([name, config]) => {
    const network = networks.byName(name) ?? networks.byId(name);
    if (!network) throw noSuchNetwork(name);
    return attachmentOf(record, network, config);
  });
}

export function attachmentOf(
  record: ContainerRecord,
  network: NetworkInfo,
  config: EndpointConfig,
): Attachment {
  const { IPAMConfig = {}, MacAddress, GwPriority } = config;
  return {
    networkId: network.id,
    ...(IPAMConfig.IPv4Address && { address: IPAMConfig.IPv4Address }),
    ...(IPAMConfig.IPv6Address && { address6: IPAMConfig.IPv6Address }),
    ...(MacAddress && { macAddress: MacAddress.toLowerCase() }),
    ...(IPAMConfig.LinkLocalIPs?.length && { linkLocalAddresses: IPAMConfig.LinkLocalIPs }),
    ...(config.DriverOpts && { driverOptions: config.DriverOpts }),
    ...(GwPriority && { priority: GwPriority }),
    dnsNames: dnsNamesOf(record, network, config),
  };
}

/** The names of a container on each of its networks, by network ID. */
export function dnsNamesByNetwork(
  { networks }: ContainerContext,
  record: ContainerRecord,
): ReadonlyMap<string, readonly string[]> {
  return new Map(
    Object.entries(networksOfRecord(record)).flatMap(([name, config]) => {
      const network = networks.byName(name);
      return network ? [[network.id, dnsNamesOf(record, network, config)] as const] : [];
    }),
  );
}

/** moby, daemon/container_operations.go, buildEndpointDNSNames; none on the default bridge. */
function dnsNamesOf(
  { id, name, config }: ContainerRecord,
  { predefined }: NetworkInfo,
  { Aliases = [] }: EndpointConfig,
): readonly string[] {
  if (predefined) return [];
  const hostname = config.Hostname ? [config.Hostname] : [];
  return [...new Set([name, ...Aliases, shortId(id), ...hostname])];
}
