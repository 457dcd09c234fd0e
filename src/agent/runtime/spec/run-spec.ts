import type { IdMap } from '../../userns/id-map.js';
import type { CgroupLayout } from '../cgroup-mode.js';
import type { OciBlockIo, OciDevice, OciDeviceRule } from './oci.js';
import type { SeccompProfile } from './seccomp-docker.js';

/** What the engine wants to run, in Docker's terms with all names resolved; `buildSpec` makes the bundle of it. */
export interface RunSpec {
  /** Absolute path of the mounted root file system. */
  readonly rootfs: string;
  readonly readonlyRoot: boolean;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly user: RunUser;
  readonly terminal: boolean;
  readonly consoleSize?: { readonly height: number; readonly width: number } | undefined;
  readonly hostname: string;
  readonly domainname?: string | undefined;
  /** Path in every cgroup hierarchy, absolute: "/tsmachine/<id>". */
  readonly cgroupsPath: string;

  readonly network: NetworkChoice;
  readonly pid: NamespaceChoice;
  readonly ipc: NamespaceChoice;
  /** False for Docker's `--ipc none`: without /dev/shm and message queues. */
  readonly ipcMounts?: boolean;
  readonly uts: 'private' | 'host';
  readonly cgroupns: 'private' | 'host';
  /** Absent: the host's users. */
  readonly userNamespace?: RunUserNamespace | undefined;

  /** Binds, volumes and tmpfs, in Docker's order; one on a default mount's destination replaces it. */
  readonly mounts: readonly RunMount[];
  /** A directory on the host that is the container's /dev/shm, for containers that share theirs. */
  readonly shmSource?: string | undefined;
  /** Bytes; the default is 64 MiB. */
  readonly shmSize?: number | undefined;
  /** Path on the host of tini; it becomes /sbin/docker-init and the container's first process. */
  readonly init?: string | undefined;
  readonly rootfsPropagation?: Propagation | undefined;

  readonly privileged: boolean;
  /** With or without "CAP_", any case, or "ALL". */
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly seccomp: 'default' | 'unconfined' | SeccompProfile;
  readonly noNewPrivileges: boolean;
  /** Undefined for Docker's default; left out where the host has no AppArmor. */
  readonly apparmor?: string | undefined;
  /** Undefined: Docker's list. Empty: none (`systempaths=unconfined`). */
  readonly maskedPaths?: readonly string[] | undefined;
  readonly readonlyPaths?: readonly string[] | undefined;

  readonly resources: RunResources;
  readonly ulimits: readonly Ulimit[];
  readonly oomScoreAdj?: number | undefined;
  readonly sysctls: Readonly<Record<string, string>>;
  readonly devices: readonly RunDevice[];
  readonly deviceRules: readonly OciDeviceRule[];
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

export interface RunUser {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
}

/** One of its own, or the one at the path, which has the same map. */
export interface RunUserNamespace {
  readonly idMap: IdMap;
  readonly path?: string;
}

/** A namespace of its own, the host's, or the one that the path refers to ("/proc/123/ns/net"). */
export type NamespaceChoice = 'private' | 'host' | { readonly path: string };

/** `own`: made for this container beforehand, not another's; Docker's network sysctls are then set in it. */
export type NetworkChoice = 'private' | 'host' | { readonly path: string; readonly own: boolean };

export type Propagation = 'private' | 'rprivate' | 'shared' | 'rshared' | 'slave' | 'rslave';

export type RunMount = BindMount | TmpfsMount;

export interface BindMount {
  readonly type: 'bind';
  /** Absolute path on the host; it must exist, and be of the destination's kind. */
  readonly source: string;
  readonly destination: string;
  readonly readonly: boolean;
  readonly recursive?: boolean | undefined;
  /** With `readonly`: what is mounted below the source, too. Needs Linux 5.12. */
  readonly readonlyRecursive?: boolean | undefined;
  /** Docker's default is rprivate. */
  readonly propagation?: Propagation | undefined;
}

export interface TmpfsMount {
  readonly type: 'tmpfs';
  readonly destination: string;
  /** Options beyond Docker's "noexec,nosuid,nodev": "size=1g", "mode=1777", "exec" … */
  readonly options: readonly string[];
}

export interface RunResources {
  /** Bytes. */
  readonly memory?: number | undefined;
  /** Bytes of memory and swap together; −1 for no limit; undefined or 0 for twice the memory. */
  readonly memorySwap?: number | undefined;
  readonly memoryReservation?: number | undefined;
  /** 10⁹ is one CPU; takes the place of quota and period. */
  readonly nanoCpus?: number | undefined;
  readonly cpuShares?: number | undefined;
  /** Microseconds in each period. */
  readonly cpuQuota?: number | undefined;
  readonly cpuPeriod?: number | undefined;
  /** Microseconds of each period for processes of real-time classes. */
  readonly cpuRealtimeRuntime?: number | undefined;
  readonly cpuRealtimePeriod?: number | undefined;
  readonly cpusetCpus?: string | undefined;
  readonly cpusetMems?: string | undefined;
  /** 0–100; undefined for the host's. */
  readonly swappiness?: number | undefined;
  readonly oomKillDisable?: boolean | undefined;
  /** With the devices' numbers. */
  readonly blockIo?: OciBlockIo | undefined;
  /** No limit when undefined, 0 or negative. */
  readonly pidsLimit?: number | undefined;
}

export interface Ulimit {
  /** "nofile", as Docker writes it. */
  readonly name: string;
  /** −1 for no limit. */
  readonly soft: number;
  readonly hard: number;
}

export interface RunDevice extends OciDevice {
  /** "rwm" or some of it. */
  readonly access: string;
}

/** What the host can give; see `readHostFacts`. */
export interface HostFacts {
  readonly architecture: string;
  readonly cgroupMode: CgroupLayout['mode'];
  readonly capabilities: ReadonlySet<string>;
  /** Our hard limits by Docker's names ("nofile"); Infinity for none. */
  readonly hardLimits: ReadonlyMap<string, number>;
  readonly swapLimit: boolean;
  readonly swappiness: boolean;
  readonly oomKillDisable: boolean;
  readonly blockIoWeight: boolean;
  readonly blockIoThrottle: boolean;
  readonly cpuRealtime: boolean;
  /** The processors and memory nodes that there are: "0-3,7"; empty where the kernel does not say. */
  readonly cpuset: { readonly cpus: string; readonly mems: string };
  /** "6.1.0", of uname. */
  readonly kernelRelease: string;
  readonly appArmor: boolean;
  /** All of /dev, for privileged containers. */
  readonly devices: readonly OciDevice[];
}
