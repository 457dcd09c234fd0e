import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { boundingCapabilities } from '../kernel/capabilities.js';
import { getResourceLimit } from '../kernel/libc.js';
import { hostHasAppArmor } from './apparmor.js';
import { type CgroupLayout, readCgroupLayout } from './cgroup-mode.js';
import type { OciDevice } from './spec/oci.js';
import { rlimitNumbers } from './spec/rlimits.js';
import type { HostFacts } from './spec/run-spec.js';

/** Asks the kernel what containers can be given here. Devices come and go: ask again for each privileged one. */
export function readHostFacts(): HostFacts {
  const layout = readCgroupLayout();
  return {
    architecture: process.arch,
    cgroupMode: layout.mode,
    capabilities: boundingCapabilities(),
    hardLimits: new Map([...rlimitNumbers].map(([name, number]) => [name, hardLimit(number)])),
    swapLimit: hasSwapLimit(layout),
    ...controllerFacts(layout),
    cpuset: availableSets(layout),
    kernelRelease: release(),
    appArmor: hostHasAppArmor(),
    devices: hostDevices(),
  };
}

/** Lists of numbers, as the kernel writes them; empty where it does not say. */
function availableSets({ mode, unified, controllers }: CgroupLayout): HostFacts['cpuset'] {
  const root = mode === 'v2' ? (unified ?? '/sys/fs/cgroup') : (controllers.get('cpuset') ?? '');
  const read = (what: 'cpus' | 'mems') => {
    const names = [`cpuset.${what}.effective`, `cpuset.effective_${what}`, `cpuset.${what}`];
    const path = names.map((name) => join(root, name)).find((each) => existsSync(each));
    return path === undefined ? '' : readFileSync(path, 'utf8').trim();
  };
  return { cpus: read('cpus'), mems: read('mems') };
}

/** All device nodes below /dev but those that a container has its own of (moby oci/devices_linux.go). */
export function hostDevices(directory = '/dev'): OciDevice[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return OWN_DIRECTORIES.has(entry.name) ? [] : hostDevices(path);
    const isDevice = entry.isCharacterDevice() || entry.isBlockDevice();
    return isDevice && path !== '/dev/console' ? (deviceAt(path) ?? []) : [];
  });
}

const OWN_DIRECTORIES: ReadonlySet<string> = new Set([
  'pts',
  'shm',
  'fd',
  'mqueue',
  '.lxc',
  '.lxd-mounts',
  '.udev',
]);

/** The node at a path on the host, of which a `--device` may name one; undefined when there is none. */
export function deviceAt(path: string): OciDevice | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat || !(stat.isCharacterDevice() || stat.isBlockDevice())) return undefined;
  return {
    type: stat.isBlockDevice() ? 'b' : 'c',
    path,
    major: (stat.rdev >>> 8) & 0xfff,
    minor: (stat.rdev & 0xff) | ((stat.rdev >>> 12) & 0xfff00),
    fileMode: stat.mode & 0o777,
    uid: stat.uid,
    gid: stat.gid,
  };
}

/** v2 has neither swappiness nor a switch for the OOM killer; a weight needs an I/O scheduler that knows it. */
function controllerFacts(layout: CgroupLayout) {
  const { mode, controllers } = layout;
  const has = (controller: string, ...files: readonly string[]) =>
    files.some((file) => existsSync(join(controllers.get(controller) ?? '', file)));
  if (mode === 'v2') {
    const weight = ownFileExists(layout, 'io.weight') || ownFileExists(layout, 'io.bfq.weight');
    return {
      swappiness: false,
      oomKillDisable: false,
      blockIoWeight: weight,
      blockIoThrottle: ownFileExists(layout, 'io.max'),
      cpuRealtime: false, // v2 has no such controller
    };
  }
  return {
    swappiness: has('memory', 'memory.swappiness'),
    oomKillDisable: has('memory', 'memory.oom_control'),
    blockIoWeight: has('blkio', 'blkio.weight', 'blkio.bfq.weight'),
    blockIoThrottle: has('blkio', 'blkio.throttle.read_bps_device'),
    cpuRealtime: has('cpu', 'cpu.rt_runtime_us'),
  };
}

/** The root group has no limits; our own group, if it is another, has the files of every child. */
function ownFileExists({ unified }: CgroupLayout, file: string): boolean {
  const own = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/';
  return own === '/' || existsSync(join(unified ?? '/sys/fs/cgroup', own, file));
}

function hardLimit(resource: number): number {
  const { hard } = getResourceLimit(resource);
  return hard === 2n ** 64n - 1n ? Number.POSITIVE_INFINITY : Number(hard);
}

function hasSwapLimit(layout: CgroupLayout): boolean {
  const { mode, controllers } = layout;
  if (mode !== 'v2') {
    return existsSync(
      join(controllers.get('memory') ?? '/sys/fs/cgroup/memory', 'memory.memsw.limit_in_bytes'),
    );
  }
  return ownFileExists(layout, 'memory.swap.max');
}
