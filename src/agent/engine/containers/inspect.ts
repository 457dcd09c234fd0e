import type {
  ContainerInspect,
  EndpointSettings,
  MountPoint,
  NetworkSettings,
  ContainerState as WireState,
} from '../../../api/container.js';
import type { ContainerConfig, EndpointConfig } from '../../../api/container-config.js';
import type { Endpoint } from '../../network/network.js';
import { appArmorProfileOf } from '../../runtime/spec/process.js';
import { networksOfRecord } from './attachments.js';
import type { Container } from './container.js';
import type { ContainerContext } from './context.js';
import { shownLinks } from './links.js';
import { portMap } from './ports.js';
import { argvOf, type ContainerMount, type ContainerRecord } from './record.js';
import { parseSecurity } from './security.js';
import type { ContainerState } from './state.js';

/** The container as `GET /containers/{id}/json` shows it. */
export async function inspectContainer(
  context: ContainerContext,
  container: Container,
  options: { readonly size: boolean },
): Promise<ContainerInspect> {
  const { record, id } = container;
  const { paths, layers } = context;
  const [path = '', ...args] = argvOf(record.config);
  const started = record.state.startedAt !== '0001-01-01T00:00:00Z';
  return {
    Id: id,
    Created: record.created,
    Path: path,
    Args: args,
    State: wireState(record.state),
    Image: record.imageId,
    ResolvConfPath: started ? paths.resolvConf(id) : '',
    HostnamePath: started ? paths.hostname(id) : '',
    HostsPath: started ? paths.hosts(id) : '',
    LogPath: record.hostConfig.LogConfig?.Type === 'none' ? '' : paths.log(id),
    Name: `/${record.name}`,
    RestartCount: record.restartCount,
    Driver: layers.driver,
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: context.host.appArmor
      ? appArmorProfileOf({
          ...parseSecurity(record.hostConfig),
          privileged: record.hostConfig.Privileged ?? false,
        })
      : '',
    ExecIDs: container.execIds.size > 0 ? [...container.execIds] : null,
    HostConfig: record.links
      ? { ...record.hostConfig, Links: shownLinks(context, record) }
      : record.hostConfig,
    GraphDriver: { Name: layers.driver, Data: layers.describe(id) },
    ...(options.size && (await sizes(context, record))),
    Mounts: record.mounts.map(wireMount),
    Config: wireConfig(record.config),
    NetworkSettings: networkSettings(context, record),
  };
}

/** Bytes of the writable layer, and of all. */
export async function sizes({ layers, images }: ContainerContext, { id, imageId }: ContainerRecord) {
  const [rw, image] = await Promise.all([
    layers.usage(id),
    images.resolve(imageId).then(
      ({ size }) => size,
      () => 0,
    ),
  ]);
  return { SizeRw: rw, SizeRootFs: rw + image };
}

export function wireMount(mount: ContainerMount): MountPoint {
  const {
    anonymous: _a,
    recursive: _r,
    readonlyTopOnly: _o,
    readonlySource: _w,
    subpath: _s,
    tmpfsOptions: _t,
    ...point
  } = mount;
  return point;
}

/** The networks that a container is on, by name. */
export function networksOf(
  { networks }: ContainerContext,
  record: ContainerRecord,
): Readonly<Record<string, EndpointSettings>> {
  const endpoints = networks.sandbox(record.id)?.endpoints ?? [];
  return Object.fromEntries(
    Object.entries(networksOfRecord(record)).map(([name, config]) => {
      const network = networks.byName(name);
      const endpoint = endpoints.find(({ networkId }) => networkId === network?.id);
      return [name, endpointSettings(endpoint, network?.id ?? '', config)];
    }),
  );
}

function wireState(state: ContainerState): WireState {
  const { status, health } = state;
  return {
    Status: status,
    Running: status === 'running' || status === 'paused' || status === 'restarting',
    Paused: status === 'paused',
    Restarting: status === 'restarting',
    OOMKilled: state.oomKilled,
    Dead: status === 'dead',
    Pid: state.pid,
    ExitCode: state.exitCode,
    Error: state.error,
    StartedAt: state.startedAt,
    FinishedAt: state.finishedAt,
    ...(health && {
      Health: { Status: health.status, FailingStreak: health.failingStreak, Log: health.log },
    }),
  };
}

/** Null where nothing is set, as Go writes nil lists and maps. */
function wireConfig(config: ContainerConfig): ContainerConfig {
  const orNull = <T extends object>(value: T | undefined): T | null =>
    value && Object.keys(value).length > 0 ? value : null;
  const { ExposedPorts, ...rest } = config;
  return {
    Hostname: '',
    Domainname: '',
    User: '',
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    Tty: false,
    OpenStdin: false,
    StdinOnce: false,
    ...rest,
    ...(ExposedPorts && Object.keys(ExposedPorts).length > 0 && { ExposedPorts }),
    Env: config.Env ?? [],
    Cmd: orNull(config.Cmd),
    Volumes: orNull(config.Volumes),
    Entrypoint: orNull(config.Entrypoint),
    OnBuild: config.OnBuild ?? null,
    Labels: config.Labels ?? {},
  } as ContainerConfig; // the wire has null where the type, made for requests, has undefined
}

/** The fields beside `Networks` are those of the default bridge, as ever. */
function networkSettings(context: ContainerContext, record: ContainerRecord): NetworkSettings {
  const sandbox = context.networks.sandbox(record.id);
  const networks = networksOf(context, record);
  const bridge = networks['bridge'] ?? endpointSettings(undefined, '', {});
  const running = record.state.pid !== 0;
  return {
    Bridge: '',
    SandboxID: running ? record.id : '',
    SandboxKey: running ? `/proc/${record.state.pid}/ns/net` : '',
    Ports: running ? portMap(record.config, sandbox?.ports ?? []) : {},
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: bridge.EndpointID,
    Gateway: bridge.Gateway,
    GlobalIPv6Address: bridge.GlobalIPv6Address,
    GlobalIPv6PrefixLen: bridge.GlobalIPv6PrefixLen,
    IPAddress: bridge.IPAddress,
    IPPrefixLen: bridge.IPPrefixLen,
    IPv6Gateway: bridge.IPv6Gateway,
    MacAddress: bridge.MacAddress,
    Networks: networks,
  };
}

function endpointSettings(
  endpoint: Endpoint | undefined,
  networkId: string,
  config: EndpointConfig,
): EndpointSettings {
  return {
    IPAMConfig: config.IPAMConfig ?? null,
    Links: config.Links ?? null,
    Aliases: config.Aliases?.length ? config.Aliases : null,
    MacAddress: endpoint?.macAddress ?? '',
    DriverOpts: config.DriverOpts ?? null,
    GwPriority: config.GwPriority ?? 0,
    NetworkID: networkId,
    EndpointID: endpoint?.endpointId ?? '',
    Gateway: endpoint?.gateway ?? '',
    IPAddress: endpoint?.address ?? '',
    IPPrefixLen: endpoint?.prefixLength ?? 0,
    IPv6Gateway: endpoint?.gateway6 ?? '',
    GlobalIPv6Address: endpoint?.address6 ?? '',
    GlobalIPv6PrefixLen: endpoint?.prefixLength6 ?? 0,
    DNSNames: endpoint && endpoint.dnsNames.length > 0 ? endpoint.dnsNames : null,
  };
}
