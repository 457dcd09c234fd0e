import { availableParallelism } from 'node:os';
import { posix } from 'node:path';
import type { HostConfig } from '../../../api/container-config.js';
import { fullName, isCapability } from '../../runtime/spec/capabilities.js';
import { defaultMaskedPaths, defaultReadonlyPaths } from '../../runtime/spec/paths.js';
import type { HostFacts } from '../../runtime/spec/run-spec.js';
import { invalidOption } from '../errors.js';

/** Docker's defaults, as inspect echoes them; what the user gave wins. */
export function withDefaults(
  given: HostConfig,
  host: Pick<HostFacts, 'cgroupMode'>,
  runtime: string,
): HostConfig {
  const privileged = given.Privileged ?? false;
  return {
    ...zeroValues,
    ...given,
    NetworkMode: networkName(given),
    RestartPolicy: { MaximumRetryCount: 0, ...given.RestartPolicy, Name: given.RestartPolicy?.Name || 'no' },
    IpcMode: given.IpcMode || 'private',
    CgroupnsMode: given.CgroupnsMode || (host.cgroupMode === 'v2' && !privileged ? 'private' : 'host'),
    ShmSize: given.ShmSize || 64 * 1024 * 1024,
    Runtime: given.Runtime || runtime,
    MaskedPaths: given.MaskedPaths ?? (privileged ? [] : [...defaultMaskedPaths]),
    ReadonlyPaths: given.ReadonlyPaths ?? (privileged ? [] : [...defaultReadonlyPaths]),
    ...(given.Memory && !given.MemorySwap && { MemorySwap: given.Memory * 2 }),
  };
}

function networkName({ NetworkMode = '' }: HostConfig): string {
  return ['', 'default'].includes(NetworkMode) ? 'bridge' : NetworkMode;
}

/** What the host and its runtimes must have. Throws OPTION_INVALID in moby's words (daemon/daemon_unix.go). */
export function validateForHost(
  given: HostConfig,
  host: Pick<HostFacts, 'cpuRealtime' | 'cgroupMode' | 'cpuset'>,
  runtimes: ReadonlyMap<string, string>,
): void {
  const { Runtime, CpuRealtimePeriod: period = 0, CpuRealtimeRuntime: time = 0 } = given;
  const isKnown = !Runtime || Runtime === dockersOwn || runtimes.has(Runtime);
  if (!isKnown) throw invalidOption(`unknown or invalid runtime name: ${Runtime}`);
  if ((period !== 0 || time !== 0) && !host.cpuRealtime) {
    throw invalidOption('Your kernel does not support CPU real-time scheduler');
  }
  if (period !== 0 && time > period) {
    throw invalidOption('cpu real-time runtime cannot be higher than cpu real-time period');
  }
  validateCpuShares(given, host);
  checkAvailable('cpus', given.CpusetCpus ?? '', host.cpuset.cpus);
  checkAvailable('mems', given.CpusetMems ?? '', host.cpuset.mems);
}

/** What the kernel takes in version 1; runc says so when it sets them, crun would write something else. */
function validateCpuShares(
  { CpuShares = 0 }: HostConfig,
  { cgroupMode }: Pick<HostFacts, 'cgroupMode'>,
): void {
  if (CpuShares < 0)
    throw invalidOption(`invalid CPU shares (${CpuShares}): value must be a positive integer`);
  if (cgroupMode === 'v2' || CpuShares === 0) return;
  if (CpuShares < 2) throw invalidOption('the minimum allowed cpu-shares is 2');
  if (CpuShares > 262_144) throw invalidOption('the maximum allowed cpu-shares is 262144');
}

function checkAvailable(what: 'cpus' | 'mems', wanted: string, available: string): void {
  const numbers = parseNumberList(wanted);
  if (!numbers) throw invalidOption(`Invalid value ${wanted} for cpuset ${what}`);
  const there = parseNumberList(available);
  if (!there || available === '' || [...numbers].every((each) => there.has(each))) return;
  const kind = what === 'cpus' ? 'CPUs' : 'memory nodes';
  throw invalidOption(`Requested ${kind} are not available - requested ${wanted}, available: ${available}`);
}

/** "0-3,7"; undefined where it is no such list. */
function parseNumberList(text: string): ReadonlySet<number> | undefined {
  const numbers = new Set<number>();
  for (const part of text === '' ? [] : text.split(',')) {
    const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part) ?? [];
    if (first === undefined || Number(last) < Number(first)) return undefined;
    for (let number = Number(first); number <= Number(last); number++) numbers.add(number);
  }
  return numbers;
}

/** The name that dockerd gives what runs containers when nobody chooses; it is the default here too. */
const dockersOwn = 'io.containerd.runc.v2';

/** Throws OPTION_INVALID in moby's words (daemon/daemon_unix.go, runconfig/hostconfig.go). */
export function validateHostConfig(given: HostConfig): void {
  validateMemory(given);
  validateCpu(given);
  validateBlockIo(given);
  validateNamespaces(given);
  validateRestart(given);
  validateTmpfs(given);
  validateOther(given);
  validateCapabilities(given);
  if (Object.hasOwn(given.Annotations ?? {}, '')) {
    throw invalidOption('invalid Annotations: the empty string is not permitted as an annotation key');
  }
  if (given.ShmSize !== undefined && given.ShmSize < 0) {
    throw invalidOption('SHM size can not be less than 0');
  }
  const score = given.OomScoreAdj ?? 0;
  if (score < -1000 || score > 1000) {
    throw invalidOption(`Invalid value ${score}, range for oom score adj is [-1000, 1000].`);
  }
}

function validateNamespaces({ UTSMode, CgroupnsMode, IpcMode = '', PidMode = '' }: HostConfig): void {
  if (UTSMode && UTSMode !== 'host') throw invalidOption(`invalid UTS mode: ${UTSMode}`);
  if (CgroupnsMode && !['host', 'private'].includes(CgroupnsMode)) {
    throw invalidOption(`invalid cgroup namespace mode: ${CgroupnsMode}`);
  }
  if (!/^(|none|private|shareable|host|container:.+)$/.test(IpcMode)) {
    throw invalidOption(`invalid IPC mode: ${IpcMode}`);
  }
  if (!/^(|host|container:.+)$/.test(PidMode)) throw invalidOption(`invalid PID mode: ${PidMode}`);
}

/** Weights as the kernel has them (cgroup v1, blkio.weight); rates are bytes or operations in a second. */
function validateBlockIo(given: HostConfig): void {
  const { BlkioWeight = 0, BlkioWeightDevice, MemorySwappiness = -1 } = given;
  const isWeight = (weight: number) => weight === 0 || (weight >= 10 && weight <= 1000);
  if (!isWeight(BlkioWeight)) throw invalidOption('Range of blkio weight is from 10 to 1000');
  for (const { Weight = 0 } of BlkioWeightDevice ?? []) {
    if (!isWeight(Weight)) throw invalidOption('Range of blkio weight is from 10 to 1000');
  }
  if (MemorySwappiness !== -1 && (MemorySwappiness < 0 || MemorySwappiness > 100)) {
    throw invalidOption(`Invalid value: ${MemorySwappiness}, valid memory swappiness range is 0-100`);
  }
}

function validateMemory({ Memory = 0, MemorySwap = 0, MemoryReservation = 0 }: HostConfig): void {
  if (Memory !== 0 && Memory < 6 * 1024 * 1024) {
    throw invalidOption('Minimum memory limit allowed is 6MB');
  }
  if (Memory > 0 && MemorySwap > 0 && MemorySwap < Memory) {
    throw invalidOption('Minimum memoryswap limit should be larger than memory limit, see usage');
  }
  if (Memory === 0 && MemorySwap > 0) {
    throw invalidOption('You should always set the Memory limit when using Memoryswap limit, see usage');
  }
  if (Memory > 0 && MemoryReservation > Memory) {
    throw invalidOption('Minimum memory limit can not be less than memory reservation limit, see usage');
  }
}

function validateCpu({ NanoCpus = 0, CpuPeriod = 0, CpuQuota = 0 }: HostConfig): void {
  if (NanoCpus > 0 && CpuPeriod > 0) {
    throw invalidOption('Conflicting options: Nano CPUs and CPU Period cannot both be set');
  }
  if (NanoCpus > 0 && CpuQuota > 0) {
    throw invalidOption('Conflicting options: Nano CPUs and CPU Quota cannot both be set');
  }
  const cpus = availableParallelism();
  if (NanoCpus < 0 || NanoCpus > cpus * 1e9) {
    throw invalidOption(`range of CPUs is from 0.01 to ${cpus}.00, as there are only ${cpus} CPUs available`);
  }
  if (CpuPeriod !== 0 && (CpuPeriod < 1000 || CpuPeriod > 1_000_000)) {
    throw invalidOption(
      'CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)',
    );
  }
  if (CpuQuota > 0 && CpuQuota < 1000) {
    throw invalidOption('CPU cfs quota can not be less than 1ms (i.e. 1000)');
  }
}

function validateOther(given: HostConfig): void {
  if (given.UsernsMode && given.UsernsMode !== 'host')
    throw invalidOption(`invalid USER mode: ${given.UsernsMode}`);
  if (given.IOMaximumBandwidth) {
    throw invalidOption('Invalid QoS settings: linux does not support configuration of maximum bandwidth');
  }
  if (given.IOMaximumIOps) {
    throw invalidOption('Invalid QoS settings: linux does not support configuration of maximum IOPs');
  }
}

function validateTmpfs({ Tmpfs }: HostConfig): void {
  for (const path of Object.keys(Tmpfs ?? {})) {
    if (!path.startsWith('/')) {
      throw invalidOption(`invalid mount path: '${path}' mount path must be absolute`);
    }
    if (posix.normalize(path).replace(/^\/+$/, '/') === '/') {
      throw invalidOption("invalid specification: destination can't be '/'");
    }
  }
}

function validateCapabilities({ CapAdd, CapDrop }: HostConfig): void {
  for (const [option, names] of Object.entries({ CapAdd, CapDrop })) {
    const unknown = (names ?? []).map(fullName).find((name) => name !== 'ALL' && !isCapability(name));
    if (unknown !== undefined) throw invalidOption(`invalid ${option}: unknown capability: "${unknown}"`);
  }
}

function validateRestart({ RestartPolicy, AutoRemove }: HostConfig): void {
  const name = RestartPolicy?.Name || 'no';
  const count = RestartPolicy?.MaximumRetryCount ?? 0;
  if (!['no', 'always', 'unless-stopped', 'on-failure'].includes(name)) {
    throw invalidOption(
      `invalid restart policy: unknown policy '${name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
    );
  }
  if (count !== 0 && name !== 'on-failure') {
    throw invalidOption("invalid restart policy: maximum retry count can only be used with 'on-failure'");
  }
  if (count < 0) throw invalidOption('invalid restart policy: maximum retry count cannot be negative');
  if (AutoRemove && name !== 'no') {
    throw invalidOption("can't create 'AutoRemove' container with restart policy");
  }
}

/** What inspect shows where nothing was asked for. */
const zeroValues = {
  Binds: null,
  ContainerIDFile: '',
  PortBindings: {},
  AutoRemove: false,
  VolumeDriver: '',
  VolumesFrom: null,
  ConsoleSize: [0, 0],
  CapAdd: null,
  CapDrop: null,
  Dns: [],
  DnsOptions: [],
  DnsSearch: [],
  ExtraHosts: null,
  GroupAdd: null,
  Cgroup: '',
  Links: null,
  OomScoreAdj: 0,
  PidMode: '',
  Privileged: false,
  PublishAllPorts: false,
  ReadonlyRootfs: false,
  SecurityOpt: null,
  UTSMode: '',
  UsernsMode: '',
  Isolation: '',
  CpuShares: 0,
  Memory: 0,
  NanoCpus: 0,
  CgroupParent: '',
  BlkioWeight: 0,
  BlkioWeightDevice: [],
  BlkioDeviceReadBps: [],
  BlkioDeviceWriteBps: [],
  BlkioDeviceReadIOps: [],
  BlkioDeviceWriteIOps: [],
  CpuPeriod: 0,
  CpuQuota: 0,
  CpuRealtimePeriod: 0,
  CpuRealtimeRuntime: 0,
  CpusetCpus: '',
  CpusetMems: '',
  Devices: [],
  DeviceCgroupRules: null,
  DeviceRequests: null,
  MemoryReservation: 0,
  MemorySwap: 0,
  MemorySwappiness: null,
  OomKillDisable: false,
  PidsLimit: null,
  Ulimits: [],
  CpuCount: 0,
  CpuPercent: 0,
  IOMaximumIOps: 0,
  IOMaximumBandwidth: 0,
} as unknown as HostConfig; // null is what inspect shows; inside, absent and null are read alike
