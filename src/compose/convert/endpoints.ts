import type { EndpointConfig } from '../../api/container-config.js';
import { plainNetwork } from '../model/plain-network.js';
import type { Project } from '../model/project.js';
import type { Service, ServiceNetwork } from '../model/service.js';
import { containerName, networksByPriority } from '../naming.js';

export interface Endpoint {
  /** The engine's name of the network. */
  readonly network: string;
  readonly settings: EndpointConfig;
}

export interface EndpointOptions {
  readonly number: number;
  readonly links: readonly string[];
  /** One-off containers go without the service's names, lest they get its traffic. */
  readonly useAliases: boolean;
}

/** How a container is in its networks, the one that it is created in first. */
export function endpoints(project: Project, service: Service, options: EndpointOptions): readonly Endpoint[] {
  if (service.networkMode !== undefined) return [];
  return networksByPriority(service).flatMap((key, index) => {
    const network = project.networks[key];
    if (!network) return [];
    const own = service.networks[key];
    // Of a service's one MAC address the first network has it, since API 1.44.
    const inherits = index === 0 && own && !own.macAddress && service.macAddress;
    const use = inherits ? { ...own, macAddress: service.macAddress } : own;
    return [{ network: network.name, settings: settings(project, service, use, options) }];
  });
}

function settings(
  project: Project,
  service: Service,
  use: ServiceNetwork | undefined,
  { number, links, useAliases }: EndpointOptions,
): EndpointConfig {
  const own = useAliases ? [service.name, ...(use?.aliases ?? [])] : [];
  return {
    Aliases: [containerName(project, service, number), ...own],
    ...(links.length > 0 && { Links: links }),
    ...(use && addresses(use)),
    ...(use?.macAddress && { MacAddress: use.macAddress }),
    ...(use && Object.keys(use.driverOpts).length > 0 && { DriverOpts: use.driverOpts }),
    ...(use?.gwPriority && { GwPriority: use.gwPriority }),
  };
}

/** An endpoint of which nothing is said has no IPAMConfig, as with docker compose. */
function addresses(use: ServiceNetwork): EndpointConfig {
  const { ipv4Address, ipv6Address, linkLocalIps } = use;
  if (use === plainNetwork) return {};
  return {
    IPAMConfig: {
      ...(ipv4Address && { IPv4Address: ipv4Address }),
      ...(ipv6Address && { IPv6Address: ipv6Address }),
      ...(linkLocalIps.length > 0 && { LinkLocalIPs: linkLocalIps }),
    },
  };
}
