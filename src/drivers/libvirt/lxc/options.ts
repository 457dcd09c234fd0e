import { driverOptionInvalid } from '../../errors.js';
import type { DriverOption } from '../../options.js';
import { isLocal } from '../connection-uri.js';
import { type MachineSpec, parseLibvirtOptions } from '../machine-spec.js';
import { type LibvirtOptions, libvirtOptions } from '../options.js';

/** The options of a container as values. */
export type ContainerSpec = Pick<MachineSpec, 'uri' | 'memoryMiB' | 'cpus' | 'network' | 'autostart'> & {
  /** A directory or a tar. */
  readonly rootfs: string;
  readonly init: string | undefined;
};

/** Whether hosts at this URI are containers of libvirt's LXC driver. */
export function isLxc(uri: string): boolean {
  return /^lxc[+:]/.test(uri);
}

/** Throws DRIVER_OPTION_INVALID, also for what only virtual machines have. */
export function parseContainerOptions(options: LibvirtOptions): ContainerSpec {
  refuseMachineOptions(options);
  const { uri, memoryMiB, cpus, network, autostart } = parseLibvirtOptions(options);
  if (!isLocal(uri)) {
    throw driverOptionInvalid(
      'libvirt-uri',
      uri,
      'is on another host, where no root file system can be put',
      'run tsmachine there, or use a virtual machine',
    );
  }
  if (network.kind === 'user') {
    throw driverOptionInvalid(
      'libvirt-network',
      'user',
      'is for virtual machines',
      'name a network or bridge',
    );
  }
  return { uri, memoryMiB, cpus, network, autostart, rootfs: rootfsOf(options), init: initOf(options) };
}

/** Throws DRIVER_OPTION_INVALID where an option that only containers have is given for a virtual machine. */
export function refuseContainerOptions(options: LibvirtOptions): void {
  for (const key of ['rootfs', 'init'] as const) {
    const value = options[key];
    if (value === undefined) continue;
    throw driverOptionInvalid(`libvirt-${key}`, value, 'is for containers', 'use --libvirt-uri lxc:///');
  }
}

const machineOptions = [
  ...[
    'image',
    'image-checksum',
    'cpu-mode',
    'accel',
    'pool',
    'disk-size',
    'extra-disk',
    'cache-mode',
    'io-mode',
  ],
  ...['uefi', 'ssh-user', 'ssh-port', 'user-data', 'kernel', 'initrd', 'kernel-args'],
] as const;

function refuseMachineOptions(options: LibvirtOptions): void {
  for (const key of machineOptions) {
    const value = options[key];
    const option: DriverOption = libvirtOptions[key];
    const usual = 'default' in option ? option.default : undefined;
    const absent = value === undefined || value === false || (Array.isArray(value) && value.length === 0);
    if (absent || value === usual) continue;
    throw driverOptionInvalid(`libvirt-${key}`, String(value), 'is for virtual machines, not for containers');
  }
}

function rootfsOf({ rootfs }: LibvirtOptions): string {
  const hint = 'make one with "mmdebstrap --include=openssh-server bookworm DIR"';
  if (rootfs === undefined) {
    throw driverOptionInvalid('libvirt-rootfs', '', 'is needed for a container', hint);
  }
  if (/^\/+$/.test(rootfs))
    throw driverOptionInvalid('libvirt-rootfs', rootfs, "is this machine's own", hint);
  return rootfs;
}

function initOf({ init }: LibvirtOptions): string | undefined {
  if (init === undefined || init.startsWith('/')) return init;
  throw driverOptionInvalid('libvirt-init', init, 'is not an absolute path in the root file system');
}
