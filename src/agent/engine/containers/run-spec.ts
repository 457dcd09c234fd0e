import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { HostConfig } from '../../../api/container-config.js';
import type {
  HostFacts,
  Propagation,
  RunMount,
  RunResources,
  RunSpec,
  Ulimit,
} from '../../runtime/spec/run-spec.js';
import { lookupGroups, lookupUser } from '../../runtime/user-lookup.js';
import { blockIoOf, swappinessOf } from './block-io.js';
import type { Container } from './container.js';
import type { ContainerContext } from './context.js';
import { deviceRulesOf, hostDevicesOf } from './devices.js';
import { linkedAtStart } from './links.js';
import { networkMode } from './network-mode.js';
import { ownViewMounts } from './own-view.js';
import { refuseMountsInProc } from './proc-mounts.js';
import { argvOf, type ContainerMount, type ContainerRecord } from './record.js';
import { runNamespaces } from './run-namespaces.js';
import { parseSecurity } from './security.js';

/** What a start has made ready. */
export interface PreparedRoot {
  readonly root: string;
  /** Of the volumes, by their destinations. */
  readonly sources: ReadonlyMap<string, string>;
  readonly propagation: Propagation | undefined;
}

/** The container as the runtime wants it, upon its mounted root. Throws USER_NOT_FOUND, GROUP_NOT_FOUND, … */
export async function toRunSpec(
  context: ContainerContext,
  container: Container,
  { root: rootfs, sources, propagation }: PreparedRoot,
): Promise<RunSpec> {
  const { record } = container;
  const { config, hostConfig } = record;
  const [user, extraGids] = await Promise.all([
    lookupUser(rootfs, config.User ?? ''),
    lookupGroups(rootfs, hostConfig.GroupAdd ?? []),
  ]);
  const [height = 0, width = 0] = hostConfig.ConsoleSize ?? [];
  return {
    rootfs,
    readonlyRoot: hostConfig.ReadonlyRootfs ?? false,
    args: argvOf(config),
    env: environment(record, linkedAtStart(context, record).variables),
    cwd: config.WorkingDir || '/',
    user: { uid: user.uid, gid: user.gid, additionalGids: gids(user.gid, user.supplementaryGids, extraGids) },
    terminal: config.Tty ?? false,
    consoleSize: height > 0 && width > 0 ? { height, width } : undefined,
    hostname: config.Hostname ?? '',
    domainname: config.Domainname || undefined,
    cgroupsPath: cgroupPath(record),
    ...runNamespaces(context, record),
    mounts: mounts(context, record, sources),
    rootfsPropagation: propagation,
    shmSize: hostConfig.ShmSize,
    init: hostConfig.Init ? initPath : undefined,
    ...privileges(hostConfig),
    resources: resourcesOf(hostConfig),
    ulimits: ulimitsOf(hostConfig),
    oomScoreAdj: hostConfig.OomScoreAdj || undefined,
    sysctls: hostConfig.Sysctls ?? {},
    devices: hostDevicesOf(hostConfig),
    deviceRules: deviceRulesOf(hostConfig),
    annotations: hostConfig.Annotations,
  };
}

/** In every hierarchy: `--cgroup-parent` as dockerd's cgroupfs driver takes it, from the root. */
function cgroupPath({ id, hostConfig }: ContainerRecord): string {
  return join('/', hostConfig.CgroupParent || 'tsmachine', id);
}

/** Debian's tini package; `--init` fails with its path where it is not installed. */
const initPath = '/usr/bin/tini-static';

/** Docker's own variables, those of links, then the container's; an entry without "=" takes a variable away. */
function environment({ config }: ContainerRecord, linked: readonly string[]): readonly string[] {
  const variables = new Map([
    ['PATH', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    ['HOSTNAME', `HOSTNAME=${config.Hostname ?? ''}`],
    ...(config.Tty ? [['TERM', 'TERM=xterm'] as const] : []),
  ]);
  for (const entry of [...linked, ...(config.Env ?? [])]) {
    const name = entry.split('=', 1)[0] ?? '';
    if (entry.includes('=')) variables.set(name, entry);
    else variables.delete(name);
  }
  if (variables.get('HOME') === 'HOME=') variables.delete('HOME'); // the runtime knows the user's
  return [...variables.values()];
}

export function ulimitsOf({ Ulimits }: HostConfig): readonly Ulimit[] {
  return (Ulimits ?? []).map(({ Name = '', Soft = 0, Hard = 0 }) => ({ name: Name, soft: Soft, hard: Hard }));
}

function gids(own: number, ...others: readonly (readonly number[])[]): readonly number[] {
  return [...new Set([own, ...others.flat()])];
}

function privileges(hostConfig: HostConfig) {
  return {
    privileged: hostConfig.Privileged ?? false,
    capAdd: hostConfig.CapAdd ?? [],
    capDrop: hostConfig.CapDrop ?? [],
    ...parseSecurity(hostConfig),
    maskedPaths: hostConfig.MaskedPaths,
    readonlyPaths: hostConfig.ReadonlyPaths,
  };
}

/** Docker's files first: what the user mounts below /etc comes upon them. */
function mounts(
  { paths, store, host }: ContainerContext,
  record: ContainerRecord,
  sources: PreparedRoot['sources'],
): readonly RunMount[] {
  const mode = networkMode(record.hostConfig);
  const owner = mode.type === 'container' ? store.resolve(mode.container).id : record.id;
  const own = new Set(record.mounts.map(({ Destination }) => Destination));
  const files = [
    [paths.resolvConf(owner), '/etc/resolv.conf'],
    [paths.hostname(owner), '/etc/hostname'],
    [paths.hosts(owner), '/etc/hosts'],
  ] as const;
  const all = [
    ...files
      .filter(([, destination]) => !own.has(destination))
      .map(([source, destination]) => ({
        type: 'bind' as const,
        source,
        destination,
        readonly: record.hostConfig.ReadonlyRootfs ?? false,
      })),
    ...Object.entries(record.hostConfig.Tmpfs ?? {}).map(([destination, options]) =>
      tmpfs(destination, options),
    ),
    ...record.mounts.map((mount) => toRunMount(mount, sources, hasRecursiveReadonly(host))),
  ];
  refuseMountsInProc(all);
  return [...all, ...ownViewMounts(record.config, record.hostConfig)];
}

function toRunMount(
  mount: ContainerMount,
  sources: PreparedRoot['sources'],
  recursiveReadonly: boolean,
): RunMount {
  const readonly = !mount.RW || mount.readonlySource === true;
  if (mount.Type === 'tmpfs') {
    return tmpfs(mount.Destination, [mount.tmpfsOptions, readonly ? 'ro' : ''].filter(Boolean).join(','));
  }
  const source = sources.get(mount.Destination) ?? mount.Source;
  return {
    type: 'bind',
    source,
    destination: mount.Destination,
    readonly,
    recursive: mount.recursive,
    // Nothing is mounted below a file, and crun opens what it makes read-only so as a directory.
    readonlyRecursive: readonly && recursiveReadonly && !mount.readonlyTopOnly && isDirectory(source),
    propagation: (mount.Propagation || undefined) as Propagation | undefined, // checked when it was parsed
  };
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** mount_setattr(2) came with Linux 5.12. */
export function hasRecursiveReadonly({ kernelRelease }: Pick<HostFacts, 'kernelRelease'>): boolean {
  const [major = 0, minor = 0] = kernelRelease.split('.').map(Number);
  return major > 5 || (major === 5 && minor >= 12);
}

function tmpfs(destination: string, options: string): RunMount {
  return { type: 'tmpfs', destination, options: options.split(',').filter(Boolean) };
}

/** Of a container that is not mounted yet, too. Throws OPTION_INVALID where a device is not there. */
export function resourcesOf(hostConfig: HostConfig): RunResources {
  return {
    memory: hostConfig.Memory || undefined,
    memorySwap: hostConfig.MemorySwap || undefined,
    memoryReservation: hostConfig.MemoryReservation || undefined,
    nanoCpus: hostConfig.NanoCpus || undefined,
    cpuShares: hostConfig.CpuShares || undefined,
    cpuQuota: hostConfig.CpuQuota || undefined,
    cpuPeriod: hostConfig.CpuPeriod || undefined,
    cpuRealtimeRuntime: hostConfig.CpuRealtimeRuntime || undefined,
    cpuRealtimePeriod: hostConfig.CpuRealtimePeriod || undefined,
    cpusetCpus: hostConfig.CpusetCpus || undefined,
    cpusetMems: hostConfig.CpusetMems || undefined,
    swappiness: swappinessOf(hostConfig),
    oomKillDisable: hostConfig.OomKillDisable || undefined,
    blockIo: blockIoOf(hostConfig),
    pidsLimit: hostConfig.PidsLimit ?? undefined,
  };
}
