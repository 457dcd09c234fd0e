import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { arch, availableParallelism, hostname, release, totalmem } from 'node:os';
import type { EventMessage } from '../../../api/event.js';
import type { Filters } from '../../../api/filters.js';
import type { DiskUsageResponse, InfoResponse, VersionResponse } from '../../../api/system.js';
import { maximumApiVersion, minimumApiVersion } from '../../../api/version.js';
import { version } from '../../../shared/version.js';
import type { ImageStore } from '../../image/image-store.js';
import type { LayerStore } from '../../layer/layer-store.js';
import { journalSocket } from '../../logs/ship/journal.js';
import type { ContainerRuntime } from '../../runtime/runtime.js';
import type { HostFacts } from '../../runtime/spec/run-spec.js';
import type { BuildService } from '../builds/build-service.js';
import type { ContainerService } from '../containers/container-service.js';
import type { ContainerStore } from '../containers/container-store.js';
import { parseTime } from '../containers/logs.js';
import { eventTimesCrossed } from '../errors.js';
import type { EventBus } from '../event-bus.js';
import type { ImageService } from '../images/image-service.js';
import { imageLayerSizes } from '../images/shared-sizes.js';
import type { VolumeService } from '../volumes/volume-service.js';
import { eventFilter } from './event-filter.js';

export interface SystemContext {
  readonly containers: ContainerStore;
  readonly containerService: ContainerService;
  readonly imageService: ImageService;
  readonly volumeService: VolumeService;
  readonly builds: BuildService;
  readonly images: ImageStore;
  readonly layers: LayerStore;
  readonly runtime: ContainerRuntime;
  readonly host: HostFacts;
  readonly events: EventBus;
  /** Third parties' drivers that there are. */
  readonly plugins: { named(kind: 'VolumeDriver' | 'NetworkDriver'): Promise<readonly string[]> };
  readonly settings: {
    readonly id: string;
    readonly dataRoot: string;
    readonly logDriver: string;
    readonly labels: readonly string[];
    readonly insecureRegistries: readonly string[];
    readonly registryMirrors: readonly string[];
    /** Containers have users of their own. */
    readonly remapped: boolean;
    readonly proxies: {
      readonly httpProxy?: string;
      readonly httpsProxy?: string;
      readonly noProxy?: string;
    };
  };
}

export interface EventsRequest {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly filters: Filters;
}

const networkDrivers = ['bridge', 'host', 'ipvlan', 'macvlan', 'null'];

/** Version, info, events and disk usage. */
export class SystemService {
  readonly #context: SystemContext;

  constructor(context: SystemContext) {
    this.#context = context;
  }

  async version(): Promise<VersionResponse> {
    const { runtime } = this.#context;
    const engine = { Version: version, ApiVersion: maximumApiVersion, MinAPIVersion: minimumApiVersion };
    const platform = { Os: 'linux', Arch: goArch(), KernelVersion: release() };
    const build = { GitCommit: '', GoVersion: '', BuildTime: '' };
    return {
      Platform: { Name: 'tsmachine' },
      Components: [
        {
          Name: 'Engine',
          Version: version,
          Details: { ...engine, ...platform, ...build, Experimental: 'false' },
        },
        { Name: runtime.name, Version: await runtime.version(), Details: { GitCommit: '' } },
        { Name: 'node', Version: process.versions.node, Details: { GitCommit: '' } },
      ],
      ...engine,
      ...build,
      ...platform,
    };
  }

  async info(): Promise<InfoResponse> {
    const { containers, images, layers, runtime, host, plugins, settings } = this.#context;
    const statuses = containers.list().map(({ record }) => record.state.status);
    const count = (...wanted: readonly string[]) =>
      statuses.filter((status) => wanted.includes(status)).length;
    const paused = count('paused');
    const running = count('running', 'restarting');
    return {
      ID: settings.id,
      Containers: statuses.length,
      ContainersRunning: running,
      ContainersPaused: paused,
      ContainersStopped: statuses.length - running - paused,
      Images: (await images.list()).length,
      Driver: layers.driver,
      DriverStatus: [],
      Plugins: {
        Volume: ['local', ...(await plugins.named('VolumeDriver'))].sort(),
        Network: [...networkDrivers, ...(await plugins.named('NetworkDriver'))].sort(),
        Authorization: null,
        Log: [
          'json-file',
          'local',
          'none',
          'syslog',
          ...(existsSync(journalSocket) ? ['journald'] : []),
        ].sort(),
      },
      ...limits(host),
      BridgeNfIptables: true,
      BridgeNfIp6tables: true,
      Debug: false,
      NFd: 0,
      OomKillDisable: false,
      NGoroutines: 0,
      SystemTime: new Date().toISOString(),
      LoggingDriver: settings.logDriver,
      CgroupDriver: 'cgroupfs',
      CgroupVersion: host.cgroupMode === 'v2' ? '2' : '1',
      NEventsListener: 0,
      KernelVersion: release(),
      ...(await operatingSystem()),
      OSType: 'linux',
      Architecture: arch() === 'x64' ? 'x86_64' : 'aarch64',
      IndexServerAddress: 'https://index.docker.io/v1/',
      RegistryConfig: registryConfig(settings),
      NCPU: availableParallelism(),
      MemTotal: totalmem(),
      GenericResources: null,
      DockerRootDir: settings.dataRoot,
      HttpProxy: withoutCredentials(settings.proxies.httpProxy),
      HttpsProxy: withoutCredentials(settings.proxies.httpsProxy),
      NoProxy: settings.proxies.noProxy ?? '',
      Name: hostname(),
      Labels: settings.labels,
      ExperimentalBuild: false,
      ServerVersion: version,
      Runtimes: Object.fromEntries([...runtime.programs].map(([name, path]) => [name, { path }])),
      DefaultRuntime: runtime.name,
      Swarm: {
        NodeID: '',
        NodeAddr: '',
        LocalNodeState: 'inactive',
        ControlAvailable: false,
        Error: '',
        RemoteManagers: null,
      },
      LiveRestoreEnabled: true,
      Isolation: '',
      InitBinary: 'tini-static',
      ContainerdCommit: { ID: '', Expected: '' },
      RuncCommit: { ID: '', Expected: '' },
      InitCommit: { ID: '', Expected: '' },
      SecurityOptions: securityOptions(host, settings),
      CDISpecDirs: [],
      Warnings: null,
    };
  }

  events({ since, until, filters }: EventsRequest, signal: AbortSignal): AsyncIterable<EventMessage> {
    const matches = eventFilter(filters);
    const from = since === '0' ? 0n : parseTime(since); // unlike for logs it is a time
    const to = parseTime(until);
    if (from !== undefined && to !== undefined && to < from) throw eventTimesCrossed(since, until);
    return this.#context.events.subscribe(
      { since: from ?? (to === undefined ? undefined : 0n), until: to, matches },
      signal,
    );
  }

  async diskUsage(): Promise<DiskUsageResponse> {
    const { containerService, imageService, volumeService, builds, layers } = this.#context;
    const none = new Map();
    const [images, containers, volumes, layerSizes, buildCache] = await Promise.all([
      imageService.list(none, { sharedSize: true }),
      containerService.list({ all: true, size: true, filters: none }),
      volumeService.usage(),
      imageLayerSizes(await this.#context.images.list(), layers),
      builds.listCache(),
    ]);
    const countOf = (id: string) => containers.filter(({ ImageID }) => ImageID === id).length;
    return {
      LayersSize: [...layerSizes.values()].reduce((sum, size) => sum + size, 0),
      Images: images.map((image) => ({ ...image, Containers: countOf(image.Id) })),
      Containers: containers,
      Volumes: volumes,
      BuildCache: buildCache,
      BuilderSize: 0,
    };
  }
}

export function goArch(): string {
  return arch() === 'x64' ? 'amd64' : arch();
}

function securityOptions({ appArmor, cgroupMode }: HostFacts, { remapped }: SystemContext['settings']) {
  return [
    ...(appArmor ? ['name=apparmor'] : []),
    'name=seccomp,profile=builtin',
    ...(remapped ? ['name=userns'] : []),
    ...(cgroupMode === 'v2' ? ['name=cgroupns'] : []),
  ];
}

function limits({ swapLimit }: HostFacts) {
  return {
    MemoryLimit: true,
    SwapLimit: swapLimit,
    CpuCfsPeriod: true,
    CpuCfsQuota: true,
    CPUShares: true,
    CPUSet: true,
    PidsLimit: true,
    IPv4Forwarding: true,
  };
}

async function operatingSystem() {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const value = (name: string) => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(text)?.[1];
  return { OperatingSystem: value('PRETTY_NAME') ?? 'Linux', OSVersion: value('VERSION_ID') ?? '' };
}

function registryConfig({ insecureRegistries, registryMirrors }: SystemContext['settings']) {
  const official = { Name: 'docker.io', Mirrors: registryMirrors, Secure: true, Official: true };
  const insecure = insecureRegistries.map((name) => [
    name,
    { Name: name, Mirrors: [], Secure: false, Official: false },
  ]);
  return {
    AllowNondistributableArtifactsCIDRs: null,
    AllowNondistributableArtifactsHostnames: null,
    InsecureRegistryCIDRs: ['::1/128', '127.0.0.0/8'],
    IndexConfigs: { 'docker.io': official, ...Object.fromEntries(insecure) },
    Mirrors: registryMirrors,
  };
}

/** As docker shows them. */
function withoutCredentials(proxy = ''): string {
  const url = URL.parse(proxy);
  if (!url || (url.username === '' && url.password === '')) return proxy;
  return proxy.replace(/\/\/[^/]*@/, '//xxxxx:xxxxx@');
}
