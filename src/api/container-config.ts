import { bool, type DecodedBy, integer, list, map, object, set, text, textOrList } from './decode.js';

const healthcheck = object({
  Test: list(text),
  Interval: integer,
  Timeout: integer,
  StartPeriod: integer,
  StartInterval: integer,
  Retries: integer,
});

/** Docker's ContainerConfig of API 1.47. */
export const configFields = {
  Hostname: text,
  Domainname: text,
  User: text,
  AttachStdin: bool,
  AttachStdout: bool,
  AttachStderr: bool,
  ExposedPorts: set,
  Tty: bool,
  OpenStdin: bool,
  StdinOnce: bool,
  Env: list(text),
  Cmd: textOrList,
  Healthcheck: healthcheck,
  ArgsEscaped: bool,
  Image: text,
  Volumes: set,
  WorkingDir: text,
  Entrypoint: textOrList,
  NetworkDisabled: bool,
  MacAddress: text,
  OnBuild: list(text),
  Labels: map(text),
  StopSignal: text,
  StopTimeout: integer,
  Shell: textOrList,
};

const throttle = list(object({ Path: text, Rate: integer }));

const portBindings = map(list(object({ HostIp: text, HostPort: text })));

/** Docker's HostConfig of API 1.47. */
export const hostConfigFields = {
  Binds: list(text),
  ContainerIDFile: text,
  LogConfig: object({ Type: text, Config: map(text) }),
  NetworkMode: text,
  PortBindings: portBindings,
  RestartPolicy: object({ Name: text, MaximumRetryCount: integer }),
  AutoRemove: bool,
  VolumeDriver: text,
  VolumesFrom: list(text),
  ConsoleSize: list(integer),
  Annotations: map(text),
  CapAdd: textOrList,
  CapDrop: textOrList,
  CgroupnsMode: text,
  Dns: list(text),
  DnsOptions: list(text),
  DnsSearch: list(text),
  ExtraHosts: list(text),
  GroupAdd: list(text),
  IpcMode: text,
  Cgroup: text,
  Links: list(text),
  OomScoreAdj: integer,
  PidMode: text,
  Privileged: bool,
  PublishAllPorts: bool,
  ReadonlyRootfs: bool,
  SecurityOpt: list(text),
  StorageOpt: map(text),
  Tmpfs: map(text),
  UTSMode: text,
  UsernsMode: text,
  ShmSize: integer,
  Sysctls: map(text),
  Runtime: text,
  Isolation: text,
  CpuShares: integer,
  Memory: integer,
  NanoCpus: integer,
  CgroupParent: text,
  BlkioWeight: integer,
  BlkioWeightDevice: list(object({ Path: text, Weight: integer })),
  BlkioDeviceReadBps: throttle,
  BlkioDeviceWriteBps: throttle,
  BlkioDeviceReadIOps: throttle,
  BlkioDeviceWriteIOps: throttle,
  CpuPeriod: integer,
  CpuQuota: integer,
  CpuRealtimePeriod: integer,
  CpuRealtimeRuntime: integer,
  CpusetCpus: text,
  CpusetMems: text,
  Devices: list(object({ PathOnHost: text, PathInContainer: text, CgroupPermissions: text })),
  DeviceCgroupRules: list(text),
  DeviceRequests: list(
    object({ Driver: text, Count: integer, DeviceIDs: list(text), Capabilities: list(list(text)) }),
  ),
  KernelMemory: integer,
  KernelMemoryTCP: integer,
  MemoryReservation: integer,
  MemorySwap: integer,
  MemorySwappiness: integer,
  OomKillDisable: bool,
  PidsLimit: integer,
  Ulimits: list(object({ Name: text, Soft: integer, Hard: integer })),
  CpuCount: integer,
  CpuPercent: integer,
  IOMaximumIOps: integer,
  IOMaximumBandwidth: integer,
  Mounts: list(
    object({
      Type: text,
      Source: text,
      Target: text,
      ReadOnly: bool,
      Consistency: text,
      BindOptions: object({
        Propagation: text,
        NonRecursive: bool,
        CreateMountpoint: bool,
        ReadOnlyNonRecursive: bool,
        ReadOnlyForceRecursive: bool,
      }),
      VolumeOptions: object({
        NoCopy: bool,
        Labels: map(text),
        Subpath: text,
        DriverConfig: object({ Name: text, Options: map(text) }),
      }),
      TmpfsOptions: object({ SizeBytes: integer, Mode: integer, Options: list(list(text)) }),
    }),
  ),
  MaskedPaths: list(text),
  ReadonlyPaths: list(text),
  Init: bool,
};

const hostConfigDecoder = object(hostConfigFields);

export const endpointConfig = object({
  IPAMConfig: object({ IPv4Address: text, IPv6Address: text, LinkLocalIPs: list(text) }),
  Links: list(text),
  Aliases: list(text),
  MacAddress: text,
  DriverOpts: map(text),
  NetworkID: text,
  GwPriority: integer,
});

/** The body of `POST /containers/create`: the configuration with HostConfig and NetworkingConfig beside it. */
export const createRequest = object(
  {
    ...configFields,
    HostConfig: hostConfigDecoder,
    NetworkingConfig: object({ EndpointsConfig: map(endpointConfig) }),
    // Of HostConfig, where clients had them before there was one.
    Memory: integer,
    MemorySwap: integer,
    CpuShares: integer,
    Cpuset: text,
    VolumeDriver: text,
  },
  'CreateRequest',
);

export const containerConfig = object(configFields);

/** The body of `POST /containers/{id}/update`: limits and RestartPolicy, beside each other as in HostConfig. */
export const updateRequest = hostConfigDecoder;

export type ContainerConfig = DecodedBy<typeof containerConfig>;
export type HostConfig = DecodedBy<typeof hostConfigDecoder>;
export type EndpointConfig = DecodedBy<typeof endpointConfig>;
export type CreateRequest = DecodedBy<typeof createRequest>;
export type MountRequest = NonNullable<HostConfig['Mounts']>[number];
export type PortMap = DecodedBy<typeof portBindings>;
