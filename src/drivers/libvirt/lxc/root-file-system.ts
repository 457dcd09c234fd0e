import { access, chmod, copyFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { packageRoot } from '../../../shared/package-root.js';
import { runOrThrow } from '../../../shared/spawn.js';
import { driverOptionInvalid } from '../../errors.js';
import type { Keys } from '../create-domain.js';
import { busyboxMissing } from '../errors.js';

const copyMs = 30 * 60_000;

/** Where what is ours is in a container's root file system. */
export const ownDirectory = '/.tsmachine';

/** Throws DRIVER_OPTION_INVALID, BUSYBOX_MISSING. */
export async function checkRootfs(rootfs: string, signal: AbortSignal): Promise<void> {
  await findBusybox();
  const found = await stat(rootfs).catch(() => undefined);
  if (!found) throw driverOptionInvalid('libvirt-rootfs', rootfs, 'does not exist');
  if (found.isFile()) return await checkTar(rootfs, signal);
  const sshd = await access(join(rootfs, 'usr/sbin/sshd')).then(
    () => true,
    () => false,
  );
  if (sshd) return;
  throw driverOptionInvalid(
    'libvirt-rootfs',
    rootfs,
    'has no usr/sbin/sshd',
    'install openssh-server into it',
  );
}

/** A copy of its own, so that the host can write and the original stays. `root` must not exist. */
export async function copyRootfs(rootfs: string, root: string, signal: AbortSignal): Promise<void> {
  const options = { signal, timeoutMs: copyMs };
  if ((await stat(rootfs)).isDirectory()) {
    await runOrThrow(['cp', '-a', '--reflink=auto', '--', rootfs, root], options);
    return;
  }
  await mkdir(root, { mode: 0o755 });
  await runOrThrow(['tar', '-xpf', rootfs, '--numeric-owner', '--xattrs', '-C', root], options);
}

export interface Identity {
  readonly hostname: string;
  readonly keys: Keys;
}

/**
 * Puts in what the container's init copies to its place when it runs for the first time. Nothing else is written
 * from here: a link in the root file system could lead out of it.
 */
export async function writeSeed(root: string, { hostname, keys }: Identity): Promise<void> {
  const own = join(root, ownDirectory);
  await rm(own, { recursive: true, force: true });
  await mkdir(own, { mode: 0o755 });
  await copyFile(await findBusybox(), join(own, 'busybox'));
  await chmod(join(own, 'busybox'), 0o755);
  const templates = join(packageRoot(), 'templates');
  for (const file of ['lxc/init.sh', 'lxc/udhcpc.sh', 'sandbox/init.sh', 'sandbox/sshd_config']) {
    const name = file === 'sandbox/init.sh' ? 'services.sh' : file.slice(file.indexOf('/') + 1);
    await writeFile(join(own, name), await readFile(join(templates, file)), { mode: 0o755 });
  }
  await mkdir(join(own, 'seed/etc/ssh'), { recursive: true, mode: 0o755 });
  await mkdir(join(own, 'seed/root/.ssh'), { recursive: true, mode: 0o700 });
  const files: readonly [path: string, content: string, mode: number][] = [
    ['etc/hostname', `${hostname}\n`, 0o644],
    ['etc/hosts', `127.0.0.1 localhost\n::1 localhost\n127.0.1.1 ${hostname}\n`, 0o644],
    ['etc/ssh/ssh_host_ed25519_key', keys.hostPrivateKey, 0o600],
    ['etc/ssh/ssh_host_ed25519_key.pub', `${keys.hostPublicKey}\n`, 0o644],
    ['root/.ssh/authorized_keys', `${keys.authorizedKey}\n`, 0o600],
  ];
  for (const [path, content, mode] of files) await writeFile(join(own, 'seed', path), content, { mode });
}

async function checkTar(file: string, signal: AbortSignal): Promise<void> {
  const { stdout } = await runOrThrow(['tar', '-tf', file], { signal, timeoutMs: copyMs }).catch((cause) => {
    signal.throwIfAborted();
    throw driverOptionInvalid('libvirt-rootfs', file, 'cannot be read as a tar', String(cause.message));
  });
  if (/^(\.\/)?usr\/sbin\/sshd$/m.test(stdout)) return;
  throw driverOptionInvalid('libvirt-rootfs', file, 'has no usr/sbin/sshd', 'install openssh-server into it');
}

/** It goes into every container, whatever that has. */
async function findBusybox(): Promise<string> {
  for (const directory of [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/bin']) {
    const file = join(directory, 'busybox');
    const found = await access(file).then(
      () => true,
      () => false,
    );
    if (found) return file;
  }
  throw busyboxMissing();
}
