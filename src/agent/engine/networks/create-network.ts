import type { NetworkCreateRequest } from '../../../api/network.js';
import type { NetworkInfo, NetworkSpec } from '../../network/network.js';
import type { ContainerContext } from '../containers/context.js';
import { invalidOption, predefinedCreation, unsupportedOption } from '../errors.js';
import { publishNetworkEvent } from './network-events.js';

/** Throws OPTION_INVALID, OPTION_UNSUPPORTED, NETWORK_PREDEFINED, and what `Networks.create` throws. */
export async function createNetwork(
  { networks, events }: ContainerContext,
  request: NetworkCreateRequest,
): Promise<NetworkInfo> {
  const network = await networks.create(specOf(request));
  publishNetworkEvent(events, network, 'create');
  return network;
}

function specOf(request: NetworkCreateRequest): NetworkSpec {
  const { Name = '', IPAM = {}, Options = {} } = request;
  if (Name.trim() === '') throw invalidOption('invalid name: name is empty');
  if (['bridge', 'host', 'none', 'default'].includes(Name)) throw predefinedCreation(Name);
  refuseUnsupported(request);
  const isTemplate = request.ConfigOnly ?? false;
  return {
    name: Name,
    ...(isTemplate ? { driver: 'null' } : driverOf(request.Driver || 'bridge')),
    blocks: (IPAM.Config ?? []).flatMap(blockOf),
    enableIpv4: request.EnableIPv4 ?? Options['com.docker.network.enable_ipv4'] !== 'false',
    enableIpv6: request.EnableIPv6 ?? Options['com.docker.network.enable_ipv6'] === 'true',
    internal: request.Internal ?? false,
    attachable: request.Attachable ?? false,
    options: Options,
    ipamOptions: IPAM.Options ?? {},
    labels: request.Labels ?? {},
    ...(IPAM.Driver && IPAM.Driver !== 'default' && { ipamDriver: IPAM.Driver }),
    ...(request.ConfigFrom?.Network && { configFrom: request.ConfigFrom.Network }),
  };
}

/** A name that is not ours is a plugin's. */
function driverOf(driver: string): Pick<NetworkSpec, 'driver' | 'pluginDriver'> {
  if (driver === 'bridge' || driver === 'macvlan' || driver === 'ipvlan') return { driver };
  if (driver === 'host' || driver === 'null') {
    throw predefinedCreation(driver, `only one instance of "${driver}" network is allowed`);
  }
  if (driver === 'overlay') throw unsupportedOption('network driver overlay');
  return { driver: 'plugin', pluginDriver: driver };
}

type Block = NonNullable<NonNullable<NetworkCreateRequest['IPAM']>['Config']>[number];

/** A block without a subnet is none, unless it has something that needs one. */
function blockOf({ Subnet, IPRange, Gateway, AuxiliaryAddresses }: Block): NetworkSpec['blocks'] {
  if (!Subnet) {
    if (IPRange || Gateway) {
      throw invalidOption('invalid network config:\ninvalid subnet: subnet is missing');
    }
    return [];
  }
  return [
    {
      subnet: Subnet,
      ...(IPRange && { ipRange: IPRange }),
      ...(Gateway && { gateway: Gateway }),
      ...(AuxiliaryAddresses && { auxiliaryAddresses: AuxiliaryAddresses }),
    },
  ];
}

function refuseUnsupported({ Scope, Ingress }: NetworkCreateRequest) {
  if (Scope && Scope !== 'local') throw unsupportedOption(`network scope ${Scope}`);
  if (Ingress) throw unsupportedOption('Ingress');
}
