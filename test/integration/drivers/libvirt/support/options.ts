import { join } from 'node:path';
import type { LibvirtOptions } from '../../../../../src/drivers/libvirt/options.js';
import { runOrThrow } from '../../../../../src/shared/spawn.js';

/** What the CLI gives the driver when no flag but these was given. */
export function libvirtOptions(given: Partial<LibvirtOptions>): LibvirtOptions {
  return {
    uri: undefined,
    rootfs: undefined,
    init: undefined,
    image: undefined,
    'image-checksum': undefined,
    memory: '2048',
    cpus: 1,
    'cpu-mode': undefined,
    accel: 'auto',
    'disk-size': '20000',
    'extra-disk': [],
    'cache-mode': undefined,
    'io-mode': undefined,
    pool: 'default',
    network: undefined,
    uefi: false,
    autostart: false,
    'ssh-user': 'tsmachine',
    'ssh-port': 22,
    'user-data': undefined,
    kernel: undefined,
    initrd: undefined,
    'kernel-args': undefined,
    'boot2docker-url': undefined,
    ...given,
  };
}

/** A disk with nothing on it: its machine runs, and does no more. */
export async function blankImage(directory: string): Promise<string> {
  const path = join(directory, 'blank.qcow2');
  await runOrThrow(['qemu-img', 'create', '-q', '-f', 'qcow2', path, '8M']);
  return path;
}
