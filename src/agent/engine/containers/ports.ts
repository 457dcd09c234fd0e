import type { ContainerPort } from '../../../api/container.js';
import type { ContainerConfig, HostConfig, PortMap } from '../../../api/container-config.js';
import type { PortBinding } from '../../network/network.js';
import { invalidOption } from '../errors.js';

/** "80/tcp", "53/udp", "80"; Throws OPTION_INVALID. */
export function parsePort(text: string): {
  readonly port: number;
  readonly protocol: PortBinding['protocol'];
} {
  const match = /^(\d+)(?:\/(\w+))?$/.exec(text);
  const port = Number(match?.[1]);
  const protocol = match?.[2]?.toLowerCase() ?? 'tcp';
  if (!match || port < 1 || port > 65_535) throw invalidOption(`invalid port specification: "${text}"`);
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp') {
    throw invalidOption(`invalid port specification: "${text}"`);
  }
  return { port, protocol };
}

/** What is to be published: the bindings, and with `-P` a free port for every exposed one without a binding. */
export function portBindings(config: ContainerConfig, hostConfig: HostConfig): readonly PortBinding[] {
  const bound = hostConfig.PortBindings ?? {};
  const exposed = hostConfig.PublishAllPorts ? Object.keys(config.ExposedPorts ?? {}) : [];
  const free = exposed.filter((key) => !Object.hasOwn(bound, key)).map((key) => [key, [{}]] as const);
  return [...Object.entries(bound), ...free].flatMap(([key, hosts]) => {
    const { port, protocol } = parsePort(key);
    const places = hosts.length > 0 ? hosts : [{}];
    return places.map(({ HostIp = '', HostPort = '' }: { HostIp?: string; HostPort?: string }) => ({
      protocol,
      containerPort: port,
      hostAddress: HostIp,
      ...hostPorts(HostPort),
    }));
  });
}

/** `NetworkSettings.Ports`: the exposed ports with null, the published ones with their places on the host. */
export function portMap(
  config: ContainerConfig,
  published: readonly PortBinding[],
): Readonly<Record<string, PortMap[string] | null>> {
  const map: Record<string, { HostIp: string; HostPort: string }[] | null> = {};
  for (const key of Object.keys(config.ExposedPorts ?? {})) map[canonical(key)] = null;
  for (const { protocol, containerPort, hostAddress, hostPort, routed } of published) {
    const key = `${containerPort}/${protocol}`;
    const places = map[key] ?? [];
    places.push({ HostIp: hostAddress || '0.0.0.0', HostPort: routed ? '' : String(hostPort) });
    map[key] = places;
  }
  return map;
}

/** The ports column of `docker ps`. */
export function portList(
  config: ContainerConfig,
  published: readonly PortBinding[],
): readonly ContainerPort[] {
  const open = published
    .filter(({ routed }) => !routed)
    .map(({ protocol, containerPort, hostAddress, hostPort }) => ({
      IP: hostAddress || '0.0.0.0',
      PrivatePort: containerPort,
      PublicPort: hostPort,
      Type: protocol,
    }));
  const taken = new Set(open.map(({ PrivatePort, Type }) => `${PrivatePort}/${Type}`));
  const exposed = Object.keys(config.ExposedPorts ?? {})
    .map(parsePort)
    .filter(({ port, protocol }) => !taken.has(`${port}/${protocol}`))
    .map(({ port, protocol }) => ({ PrivatePort: port, Type: protocol }));
  return [...exposed, ...open];
}

function canonical(key: string): string {
  const { port, protocol } = parsePort(key);
  return `${port}/${protocol}`;
}

function hostPorts(text: string): Pick<PortBinding, 'hostPort' | 'lastHostPort'> {
  if (text === '') return { hostPort: 0 };
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? first);
  if (!match || last > 65_535 || last < first) throw invalidOption(`invalid port specification: "${text}"`);
  return last === first ? { hostPort: first } : { hostPort: first, lastHostPort: last };
}
