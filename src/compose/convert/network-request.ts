import type { NetworkCreateRequest } from '../../api/network.js';
import { composeVersion, label } from '../labels.js';
import type { Ipam, IpamPool, Project } from '../model/project.js';

/** A network of the project as what `POST /networks/create` takes. */
export function networkRequest(project: Project, key: string): NetworkCreateRequest {
  const network = project.networks[key];
  const { driver, driverOpts, ipam, labels, enableIpv4, enableIpv6 } = network ?? {};
  return {
    Name: network?.name ?? '',
    CheckDuplicate: true,
    Driver: driver ?? '',
    Options: driverOpts ?? {},
    Internal: network?.internal ?? false,
    Attachable: network?.attachable ?? false,
    ...(enableIpv4 !== undefined && { EnableIPv4: enableIpv4 }),
    EnableIPv6: enableIpv6 ?? false,
    ...(ipam &&
      saysSomething(ipam) && {
        IPAM: {
          ...{ Driver: ipam.driver ?? '', Config: ipam.config.map(pool) },
          ...(Object.keys(ipam.options).length > 0 && { Options: ipam.options }),
        },
      }),
    Labels: {
      ...labels,
      [label.network]: key,
      [label.project]: project.name,
      [label.version]: composeVersion,
    },
  };
}

function saysSomething({ driver, config, options }: Ipam): boolean {
  return driver !== undefined || config.length > 0 || Object.keys(options).length > 0;
}

function pool({ subnet, ipRange, gateway, auxAddresses }: IpamPool) {
  return {
    ...(subnet !== undefined && { Subnet: subnet }),
    ...(ipRange !== undefined && { IPRange: ipRange }),
    ...(gateway !== undefined && { Gateway: gateway }),
    ...(Object.keys(auxAddresses).length > 0 && { AuxiliaryAddresses: auxAddresses }),
  };
}
