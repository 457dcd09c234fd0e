import type { OciMount } from './oci.js';
import { INIT_PATH } from './process.js';
import type { RunMount, RunSpec } from './run-spec.js';

/** Docker's default mounts (moby oci/defaults.go), then the container's own, shallow destinations first. */
export function buildMounts(run: RunSpec): OciMount[] {
  const own = run.mounts.map(ownMount);
  if (run.init !== undefined) {
    own.push({ destination: INIT_PATH, type: 'bind', source: run.init, options: ['bind', 'ro'] });
  }
  const replaced = new Set(own.map(({ destination }) => destination));
  const defaults = defaultMounts(run).filter(({ destination }) => !replaced.has(destination));
  return [...defaults, ...own.toSorted((a, b) => depth(a) - depth(b))];
}

function defaultMounts(run: RunSpec): OciMount[] {
  const access = run.privileged ? 'rw' : 'ro';
  return [
    mountOf('proc', '/proc', 'proc', ['nosuid', 'noexec', 'nodev']),
    mountOf('tmpfs', '/dev', 'tmpfs', ['nosuid', 'strictatime', 'mode=755', 'size=65536k']),
    mountOf('devpts', '/dev/pts', 'devpts', [
      'nosuid',
      'noexec',
      'newinstance',
      'ptmxmode=0666',
      'mode=0620',
      'gid=5',
    ]),
    mountOf('sysfs', '/sys', 'sysfs', ['nosuid', 'noexec', 'nodev', access]),
    mountOf('cgroup', '/sys/fs/cgroup', 'cgroup', [access, 'nosuid', 'noexec', 'nodev']),
    ...(run.ipcMounts === false ? [] : ipcMounts(run)),
  ];
}

/** Both file systems belong to the IPC namespace; with the host's they are the host's. */
function ipcMounts({ ipc, shmSize, shmSource }: RunSpec): OciMount[] {
  if (ipc === 'host') {
    const options = ['rbind', 'rw', 'nosuid', 'noexec', 'nodev'];
    return [
      mountOf('bind', '/dev/mqueue', '/dev/mqueue', options),
      mountOf('bind', '/dev/shm', '/dev/shm', options),
    ];
  }
  const size = shmSize || defaultShmSize;
  return [
    mountOf('mqueue', '/dev/mqueue', 'mqueue', ['nosuid', 'noexec', 'nodev']),
    shmSource !== undefined
      ? mountOf('bind', '/dev/shm', shmSource, ['bind', 'rprivate', 'rw', 'nosuid', 'noexec', 'nodev'])
      : mountOf('tmpfs', '/dev/shm', 'shm', ['nosuid', 'noexec', 'nodev', 'mode=1777', `size=${size}`]),
  ];
}

/** Bytes; Docker's. */
export const defaultShmSize = 64 * 1024 * 1024;

function ownMount(mount: RunMount): OciMount {
  if (mount.type === 'tmpfs') {
    return mountOf('tmpfs', mount.destination, 'tmpfs', tmpfsOptions(mount.options));
  }
  const given = mount.propagation ?? 'rprivate';
  // crun takes the "r" of a propagation for that of "rbind".
  const [bind, propagation] =
    mount.recursive === false ? ['bind', given.replace(/^r/, '')] : ['rbind', given];
  const readonly = mount.readonlyRecursive ? 'rro' : 'ro';
  const options = [bind, propagation, mount.readonly ? readonly : 'rw'];
  return mountOf('bind', mount.destination, mount.source, options);
}

/** "exec" takes the default "noexec" back, and so on. */
function tmpfsOptions(options: readonly string[]): string[] {
  const defaults = ['noexec', 'nosuid', 'nodev'].filter(
    (option) => !options.includes(option.slice('no'.length)),
  );
  return [...new Set([...defaults, ...options])];
}

function mountOf(type: string, destination: string, source: string, options: readonly string[]): OciMount {
  return { destination, type, source, options };
}

function depth({ destination }: OciMount): number {
  return destination.split('/').filter(Boolean).length;
}
