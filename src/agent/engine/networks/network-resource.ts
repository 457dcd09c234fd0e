import type { NetworkContainer, NetworkResource } from '../../../api/network.js';
import { digestHex, digestOf } from '../../../shared/digest.js';
import type { AddressBlock, Endpoint, NetworkInfo, Sandbox } from '../../network/network.js';
import type { Container } from '../containers/container.js';
import { networkMode } from '../containers/network-mode.js';

/** What `host` and `none` are told apart by from another host's. */
export interface HostNetworks {
  readonly hostId: string;
  readonly createdAt: string;
}

/** A network as `GET /networks/{id}` shows it. */
export function networkResource(network: NetworkInfo, sandboxes: readonly Sandbox[]): NetworkResource {
  return {
    Name: network.name,
    Id: network.id,
    Created: network.created,
    Scope: 'local',
    Driver: network.pluginDriver ?? network.driver,
    EnableIPv4: network.enableIpv4,
    EnableIPv6: network.enableIpv6,
    IPAM: {
      Driver: network.ipamDriver ?? 'default',
      Options: network.predefined ? null : network.ipamOptions,
      Config: network.blocks.map(wireBlock),
    },
    Internal: network.internal,
    Attachable: network.attachable,
    Ingress: false,
    ConfigFrom: { Network: network.configFrom ?? '' },
    ConfigOnly: network.driver === 'null',
    Containers: containersOn(network.id, sandboxes),
    Options: network.options,
    Labels: network.labels,
  };
}

/** The predefined `host` and `none`: nothing is made for them. */
export function plainResource(
  name: 'host' | 'none',
  { hostId, createdAt }: HostNetworks,
  containers: readonly Container[],
): NetworkResource {
  const on = containers.filter(
    ({ running, record }) => running && networkMode(record.hostConfig).type === name,
  );
  return {
    Name: name,
    Id: digestHex(digestOf(`${hostId} ${name}`)),
    Created: createdAt,
    Scope: 'local',
    Driver: name === 'none' ? 'null' : name,
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: { Driver: 'default', Options: null, Config: [] },
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: Object.fromEntries(
      on.map(({ id, record }) => [id, wireContainer(record.name, undefined)] as const),
    ),
    Options: {},
    Labels: {},
  };
}

function containersOn(networkId: string, sandboxes: readonly Sandbox[]): NetworkResource['Containers'] {
  const on = sandboxes.flatMap(({ containerId, containerName, endpoints }) => {
    const endpoint = endpoints.find((each) => each.networkId === networkId);
    return endpoint ? [[containerId, wireContainer(containerName, endpoint)] as const] : [];
  });
  return Object.fromEntries(on);
}

function wireContainer(name: string, endpoint: Endpoint | undefined): NetworkContainer {
  const withLength = (address: string, length: number) => (address === '' ? '' : `${address}/${length}`);
  return {
    Name: name,
    EndpointID: endpoint?.endpointId ?? '',
    MacAddress: endpoint?.macAddress ?? '',
    IPv4Address: endpoint ? withLength(endpoint.address, endpoint.prefixLength) : '',
    IPv6Address: endpoint ? withLength(endpoint.address6, endpoint.prefixLength6) : '',
  };
}

function wireBlock({ subnet, ipRange, gateway, auxiliaryAddresses }: AddressBlock) {
  return {
    Subnet: subnet,
    ...(ipRange && { IPRange: ipRange }),
    ...(gateway && { Gateway: gateway }),
    ...(auxiliaryAddresses && { AuxiliaryAddresses: auxiliaryAddresses }),
  };
}
