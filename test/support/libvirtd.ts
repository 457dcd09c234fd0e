import { mkdir, mkdtemp, readdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openConnection } from '../../src/drivers/libvirt/native/open-connection.js';
import { exitOf, start } from '../../src/shared/spawn.js';
import { waitUntil } from '../../src/shared/wait-until.js';
import { endProcess } from './sshd.js';

/** A libvirtd apart from the machine's own: sockets, configuration, domains, pools and networks are in its directory. */
export interface Libvirtd extends AsyncDisposable {
  /** Of the QEMU driver and of the LXC driver. */
  readonly qemuUri: string;
  readonly lxcUri: string;
  /** Of libvirt's protocol. */
  readonly socket: string;
  readonly pid: number;
  /** For disks and root file systems of its domains; removed at disposal. */
  readonly directory: string;
  log(): string;
}

/**
 * It runs in the machine's own network namespace, so that a port of loopback leads to a guest from here; bridges of
 * its networks are the machine's, and are taken away when it is disposed, with all domains that still run.
 */
export async function startLibvirtd(): Promise<Libvirtd> {
  const directory = await mkdtemp(join(tmpdir(), 'tsm-libvirtd-'));
  await writeConfiguration(directory);
  const argv = ['unshare', '--mount', '--propagation', 'slave', 'sh', '-ec', enter, 'sh', directory];
  const child = start(argv, { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = exitOf(child, argv);
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      log += chunk.toString();
    });
  }
  const socket = join(directory, 'run/libvirt/libvirt-sock');
  const uri = (driver: string) => `${driver}+unix:///system?socket=${socket}`;
  const stop = async () => {
    await removeEverything(uri('qemu')).catch(() => {});
    await removeEverything(uri('lxc')).catch(() => {});
    if (child.exitCode === null && child.pid !== undefined) endProcess(child.pid, 'SIGTERM');
    await exited;
    await removeCgroups();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await waitUntil(() => answers(uri('lxc')), {
      what: 'libvirtd',
      timeoutMs: 60_000,
      intervalMs: 50,
      lastSeen: () => log,
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    qemuUri: uri('qemu'),
    lxcUri: uri('lxc'),
    socket,
    pid: child.pid ?? 0,
    directory,
    log: () => log,
    [Symbol.asyncDispose]: stop,
  };
}

/** What qemu can do is kept between runs: finding it out takes many seconds. */
const capabilityCache = '/var/cache/tsmachine-test/libvirt';

/**
 * With its directories in place of the machine's. libvirt's LXC driver does not start containers where cgroup v2 is
 * mounted below v1 ("virCgroupV2BindMount"): it is to see v1 only.
 */
const enter = `
for part in etc/libvirt run/libvirt var/lib/libvirt var/log/libvirt; do
  mkdir -p "/$part"
  mount --bind "$1/$part" "/$part"
done
mkdir -p /var/cache/libvirt
mount --bind ${capabilityCache} /var/cache/libvirt
if mountpoint -q /sys/fs/cgroup/unified; then umount /sys/fs/cgroup/unified; fi
exec libvirtd --config /etc/libvirt/libvirtd.conf --pid-file /run/libvirt/libvirtd.pid
`;

async function writeConfiguration(directory: string): Promise<void> {
  for (const part of ['etc/libvirt', 'run/libvirt', 'var/lib/libvirt', 'var/log/libvirt']) {
    await mkdir(join(directory, part), { recursive: true, mode: 0o755 });
  }
  await mkdir(capabilityCache, { recursive: true, mode: 0o755 });
  // As root: /dev/kvm may be root's only, and then qemu would be examined again at every call.
  const qemu = ['user = "root"', 'group = "root"', 'security_driver = "none"', 'namespaces = []'];
  qemu.push('stdio_handler = "file"', 'cgroup_controllers = []', '');
  await writeFile(join(directory, 'etc/libvirt/qemu.conf'), qemu.join('\n'));
  await writeFile(join(directory, 'etc/libvirt/lxc.conf'), 'security_driver = "none"\n');
  const daemon = ['auth_unix_rw = "none"', 'auth_unix_ro = "none"', 'unix_sock_rw_perms = "0700"', ''];
  await writeFile(join(directory, 'etc/libvirt/libvirtd.conf'), daemon.join('\n'));
}

async function answers(uri: string): Promise<true | undefined> {
  try {
    await using connection = await openConnection(uri);
    await connection.domains();
    return true;
  } catch {
    return undefined;
  }
}

async function removeEverything(uri: string): Promise<void> {
  await using connection = await openConnection(uri);
  for (const domain of await connection.domains()) {
    if (await domain.isActive()) await domain.destroy();
  }
  for (const network of await connection.networks()) {
    if (await network.isActive()) await network.destroy();
  }
}

/** libvirt leaves the parent of its containers' cgroups behind. One that is in use cannot be removed. */
async function removeCgroups(): Promise<void> {
  for (const hierarchy of await readdir('/sys/fs/cgroup').catch(() => [])) {
    await rmdir(join('/sys/fs/cgroup', hierarchy, 'machine')).catch(() => {});
  }
}
