import type { Build } from './build.js';
import type { Deploy, DeviceRequest } from './deploy.js';
import type { Extensions, ExtraHosts, FileReference, Strings, Ulimit } from './elements.js';
import type { Mount, Port } from './mounts-and-ports.js';

/** A service with every attribute of the specification, each in one form. */
export interface Service {
  readonly name: string;
  readonly profiles: readonly string[];
  readonly annotations: Strings;
  /** Undefined: yes. */
  readonly attach?: boolean | undefined;
  readonly build?: Build | undefined;
  readonly develop?: Develop | undefined;
  readonly blkioConfig?: BlkioConfig | undefined;
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly cgroupParent?: string | undefined;
  /** `host` or `private`. */
  readonly cgroup?: string | undefined;
  readonly cpuCount?: number | undefined;
  readonly cpuPercent?: number | undefined;
  readonly cpuPeriod?: number | undefined;
  readonly cpuQuota?: number | undefined;
  readonly cpuRtPeriod?: number | undefined;
  readonly cpuRtRuntime?: number | undefined;
  readonly cpus?: number | undefined;
  readonly cpuset?: string | undefined;
  readonly cpuShares?: number | undefined;
  /** `null`: the image's; empty: none. */
  readonly command: readonly string[] | null;
  readonly configs: readonly FileReference[];
  readonly containerName?: string | undefined;
  readonly credentialSpec?: CredentialSpec | undefined;
  /** By service; those that `links`, `volumes_from`, `network_mode`, `ipc` and `pid` imply are among them. */
  readonly dependsOn: Readonly<Record<string, Dependency>>;
  readonly deploy?: Deploy | undefined;
  readonly deviceCgroupRules: readonly string[];
  readonly devices: readonly DeviceMapping[];
  readonly dns: readonly string[];
  readonly dnsOpt: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly domainname?: string | undefined;
  /** `null`: the image's; empty: none. */
  readonly entrypoint: readonly string[] | null;
  /** Env files resolved into it; `null`: a variable without a value anywhere, which the container does not get. */
  readonly environment: Readonly<Record<string, string | null>>;
  /** Already in `environment`. */
  readonly envFile: readonly EnvFile[];
  readonly expose: readonly string[];
  readonly externalLinks: readonly string[];
  readonly extraHosts: ExtraHosts;
  readonly groupAdd: readonly string[];
  readonly gpus: readonly DeviceRequest[];
  readonly hostname?: string | undefined;
  readonly healthcheck?: Healthcheck | undefined;
  readonly image?: string | undefined;
  readonly init?: boolean | undefined;
  readonly ipc?: string | undefined;
  readonly isolation?: string | undefined;
  /** Label files resolved into it. */
  readonly labels: Strings;
  readonly labelFile: readonly string[];
  /** `SERVICE` or `SERVICE:ALIAS`. */
  readonly links: readonly string[];
  readonly logging?: Logging | undefined;
  /** Bytes, as the three others; -1 of memswapLimit: without limit. */
  readonly memLimit?: number | undefined;
  readonly memReservation?: number | undefined;
  readonly memswapLimit?: number | undefined;
  /** 0 to 100. */
  readonly memSwappiness?: number | undefined;
  readonly macAddress?: string | undefined;
  readonly models: Readonly<Record<string, ServiceModel>>;
  /** `bridge`, `host`, `none`, `service:NAME`, `container:NAME`; `networks` is empty then. */
  readonly networkMode?: string | undefined;
  /** By key of `Project.networks`. */
  readonly networks: Readonly<Record<string, ServiceNetwork>>;
  readonly oomKillDisable: boolean;
  readonly oomScoreAdj?: number | undefined;
  readonly pid?: string | undefined;
  readonly pidsLimit?: number | undefined;
  readonly platform?: string | undefined;
  readonly ports: readonly Port[];
  readonly privileged: boolean;
  /** For a service that something else than the engine provides. */
  readonly provider?: Provider | undefined;
  /** `always`, `never`, `missing`, `if_not_present`, `build`, `daily`, `weekly` or `every_DURATION`. */
  readonly pullPolicy?: string | undefined;
  readonly readOnly: boolean;
  /** `no`, `always`, `unless-stopped`, `on-failure` or `on-failure:MAX`. */
  readonly restart?: string | undefined;
  readonly runtime?: string | undefined;
  /** The same as `deploy.replicas` where both are there; undefined: one. */
  readonly scale?: number | undefined;
  readonly secrets: readonly FileReference[];
  readonly securityOpt: readonly string[];
  /** Bytes. */
  readonly shmSize?: number | undefined;
  readonly stdinOpen: boolean;
  readonly stopGracePeriodNs?: number | undefined;
  readonly stopSignal?: string | undefined;
  readonly storageOpt: Strings;
  readonly sysctls: Strings;
  /** `PATH` or `PATH:OPTIONS`. */
  readonly tmpfs: readonly string[];
  readonly tty: boolean;
  readonly ulimits: Readonly<Record<string, Ulimit>>;
  readonly useApiSocket: boolean;
  readonly user?: string | undefined;
  readonly usernsMode?: string | undefined;
  readonly uts?: string | undefined;
  readonly volumeDriver?: string | undefined;
  readonly volumes: readonly Mount[];
  /** `SERVICE[:MODE]` or `container:NAME[:MODE]`. */
  readonly volumesFrom: readonly string[];
  readonly workingDir?: string | undefined;
  readonly postStart: readonly Hook[];
  readonly preStop: readonly Hook[];
  /** `x-…` keys, `x-machine` among them. */
  readonly extensions: Extensions;
}

export interface Dependency {
  readonly condition: 'service_started' | 'service_healthy' | 'service_completed_successfully';
  /** This service is restarted when the other one was restarted or recreated by Compose. */
  readonly restart: boolean;
  /** False: it is not an error when the other service is not there. */
  readonly required: boolean;
  readonly extensions: Extensions;
}

export interface Healthcheck {
  /** Begins with `NONE`, `CMD` or `CMD-SHELL`; empty: the image's. */
  readonly test: readonly string[];
  readonly timeoutNs?: number | undefined;
  readonly intervalNs?: number | undefined;
  readonly retries?: number | undefined;
  readonly startPeriodNs?: number | undefined;
  readonly startIntervalNs?: number | undefined;
  /** No healthcheck, not even the image's. */
  readonly disable: boolean;
  readonly extensions: Extensions;
}

export interface ServiceNetwork {
  readonly aliases: readonly string[];
  readonly ipv4Address?: string | undefined;
  readonly ipv6Address?: string | undefined;
  readonly linkLocalIps: readonly string[];
  readonly macAddress?: string | undefined;
  readonly driverOpts: Strings;
  /** The highest is joined first. */
  readonly priority?: number | undefined;
  readonly gwPriority?: number | undefined;
  readonly interfaceName?: string | undefined;
  readonly extensions: Extensions;
}

export interface Logging {
  readonly driver?: string | undefined;
  readonly options: Strings;
  readonly extensions: Extensions;
}

export interface DeviceMapping {
  readonly source: string;
  readonly target?: string | undefined;
  readonly permissions?: string | undefined;
  readonly extensions: Extensions;
}

export interface BlkioConfig {
  readonly weight?: number | undefined;
  readonly weightDevice: readonly { readonly path: string; readonly weight: number }[];
  readonly deviceReadBps: readonly ThrottleDevice[];
  readonly deviceReadIops: readonly ThrottleDevice[];
  readonly deviceWriteBps: readonly ThrottleDevice[];
  readonly deviceWriteIops: readonly ThrottleDevice[];
  readonly extensions: Extensions;
}

export interface ThrottleDevice {
  readonly path: string;
  /** Bytes or operations in a second. */
  readonly rate: number;
}

export interface CredentialSpec {
  readonly config?: string | undefined;
  readonly file?: string | undefined;
  readonly registry?: string | undefined;
  readonly extensions: Extensions;
}

export interface EnvFile {
  /** Absolute. */
  readonly path: string;
  readonly required: boolean;
  /** `raw`: without interpolation and quotes. */
  readonly format?: string | undefined;
}

export interface ServiceModel {
  readonly endpointVar?: string | undefined;
  readonly modelVar?: string | undefined;
  readonly extensions: Extensions;
}

export interface Provider {
  readonly type?: string | undefined;
  readonly options: Readonly<Record<string, readonly string[]>>;
  readonly extensions: Extensions;
}

/** A command to run in the container after its start or before its stop. */
export interface Hook {
  readonly command: readonly string[] | null;
  readonly user?: string | undefined;
  readonly privileged: boolean;
  readonly workingDir?: string | undefined;
  readonly environment: Readonly<Record<string, string | null>>;
  readonly extensions: Extensions;
}

export interface Develop {
  readonly watch: readonly WatchTrigger[];
  readonly extensions: Extensions;
}

export interface WatchTrigger {
  /** Absolute. */
  readonly path: string;
  readonly action: 'sync' | 'rebuild' | 'restart' | 'sync+restart' | 'sync+exec';
  /** In the container. */
  readonly target?: string | undefined;
  readonly exec?: Hook | undefined;
  readonly include: readonly string[];
  readonly ignore: readonly string[];
  readonly initialSync: boolean;
  readonly extensions: Extensions;
}
