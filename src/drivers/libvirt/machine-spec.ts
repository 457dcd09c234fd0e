import { parseBytes } from '../../shared/bytes.js';
import { type Digest, isDigest } from '../../shared/digest.js';
import { errorMessage } from '../../shared/errors.js';
import { driverOptionInvalid } from '../errors.js';
import { connectionUri, isLocal, isSession } from './connection-uri.js';
import type { LibvirtOptions } from './options.js';

export type NetworkChoice =
  | { readonly kind: 'network'; readonly name: string }
  | { readonly kind: 'bridge'; readonly name: string }
  /** QEMU's own network stack: the guest reaches out, and chosen ports of loopback reach in. */
  | { readonly kind: 'user' };

export type AccelChoice = 'auto' | 'kvm' | 'tcg';

/** The options as values. */
export interface MachineSpec {
  readonly uri: string;
  /** Absent for the driver's default. */
  readonly image: string | undefined;
  readonly checksum: Digest | undefined;
  readonly memoryMiB: number;
  readonly cpus: number;
  readonly cpuMode: string | undefined;
  readonly accel: AccelChoice;
  readonly diskBytes: number;
  readonly extraDisks: readonly number[];
  readonly cacheMode: string | undefined;
  readonly ioMode: string | undefined;
  readonly pool: string;
  readonly network: NetworkChoice;
  readonly uefi: boolean;
  readonly autostart: boolean;
  readonly sshUser: string;
  readonly sshPort: number;
  readonly userData: string | undefined;
  readonly directBoot:
    | { readonly kernel: string; readonly initrd?: string; readonly args: string }
    | undefined;
}

/** Throws DRIVER_OPTION_INVALID. */
export function parseLibvirtOptions(options: LibvirtOptions): MachineSpec {
  refuseBoot2docker(options['boot2docker-url']);
  const uri = connectionUri(options.uri);
  return {
    uri,
    image: options.image,
    checksum: parseChecksum(options['image-checksum']),
    memoryMiB: parseSize('libvirt-memory', options.memory, 2 ** 20, 128 * 2 ** 20) / 2 ** 20,
    cpus: parseCpus(options.cpus),
    cpuMode: options['cpu-mode'],
    accel: oneOf('libvirt-accel', options.accel, accelChoices),
    diskBytes: parseSize('libvirt-disk-size', options['disk-size'], 1e6, 64e6),
    extraDisks: options['extra-disk'].map((size) => parseSize('libvirt-extra-disk', size, 1e6, 1e6)),
    cacheMode: parseMode('libvirt-cache-mode', options['cache-mode'], cacheModes),
    ioMode: parseMode('libvirt-io-mode', options['io-mode'], ioModes),
    pool: options.pool,
    network: parseNetwork(options.network, uri),
    uefi: options.uefi,
    autostart: options.autostart,
    sshUser: parseUser(options['ssh-user']),
    sshPort: parsePort(options['ssh-port']),
    userData: options['user-data'],
    directBoot: parseDirectBoot(options),
  };
}

const accelChoices = ['auto', 'kvm', 'tcg'] as const;
const cacheModes = ['default', 'none', 'writethrough', 'writeback', 'directsync', 'unsafe'] as const;
const ioModes = ['threads', 'native', 'io_uring'] as const;

function refuseBoot2docker(url: string | undefined): void {
  if (url === undefined) return;
  const hint = 'leave it out, or give a cloud image with --libvirt-image';
  throw driverOptionInvalid('libvirt-boot2docker-url', url, 'is not supported: boot2docker has ended', hint);
}

function parseChecksum(text: string | undefined): Digest | undefined {
  const digest = text?.toLowerCase();
  if (digest === undefined || isDigest(digest)) return digest;
  throw driverOptionInvalid(
    'libvirt-image-checksum',
    text ?? '',
    'is not a SHA-256 digest',
    'write sha256:HEX',
  );
}

/** A plain number counts in docker-machine's unit. */
function parseSize(flag: string, text: string, plainUnit: number, least: number): number {
  let bytes: number;
  try {
    bytes = /^\d+$/.test(text) ? Number(text) * plainUnit : parseBytes(text);
  } catch (error) {
    throw driverOptionInvalid(flag, text, `is not a size: ${errorMessage(error)}`, 'write 2048 or 2g');
  }
  if (bytes < least) throw driverOptionInvalid(flag, text, 'is too small');
  return bytes - (bytes % 512);
}

function parseCpus(cpus: number): number {
  if (Number.isInteger(cpus) && cpus >= 1 && cpus <= 1024) return cpus;
  throw driverOptionInvalid('libvirt-cpus', String(cpus), 'is not a number of processors');
}

function oneOf<const T extends string>(flag: string, text: string, values: readonly T[]): T {
  const value = values.find((candidate) => candidate === text);
  if (value !== undefined) return value;
  throw driverOptionInvalid(flag, text, 'is not known', `use one of ${values.join(', ')}`);
}

/** docker-machine-driver-kvm's "default" leaves the choice to libvirt. */
function parseMode(flag: string, text: string | undefined, values: readonly string[]): string | undefined {
  if (text === undefined || text === '') return undefined;
  const value = oneOf(flag, text, values);
  return value === 'default' ? undefined : value;
}

/** An unprivileged libvirt has no networks of its own. */
function parseNetwork(text: string | undefined, uri: string): NetworkChoice {
  const choice = text || (isSession(uri) ? 'user' : 'default');
  if (choice.startsWith('bridge:') && choice.length > 'bridge:'.length) {
    return { kind: 'bridge', name: choice.slice('bridge:'.length) };
  }
  if (choice !== 'user') return { kind: 'network', name: choice };
  if (isLocal(uri)) return { kind: 'user' };
  throw driverOptionInvalid(
    'libvirt-network',
    choice,
    `forwards ports of the loopback of "${uri}", which is another host`,
    'use a network or bridge of that host that you can reach',
  );
}

function parseUser(name: string): string {
  if (/^[a-z_][a-z0-9_-]{0,31}$/.test(name)) return name;
  throw driverOptionInvalid('libvirt-ssh-user', name, 'is not a user name');
}

function parsePort(port: number): number {
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw driverOptionInvalid(
    'libvirt-ssh-port',
    String(port),
    'is not a port',
    'use a number from 1 to 65535',
  );
}

function parseDirectBoot(options: LibvirtOptions): MachineSpec['directBoot'] {
  const { kernel, initrd, 'kernel-args': args } = options;
  if (kernel !== undefined) return { kernel, args: args ?? '', ...(initrd !== undefined && { initrd }) };
  if (initrd !== undefined) throw needsKernel('libvirt-initrd', initrd);
  if (args !== undefined) throw needsKernel('libvirt-kernel-args', args);
  return undefined;
}

function needsKernel(flag: string, value: string): Error {
  return driverOptionInvalid(flag, value, 'has no kernel to go with', 'give --libvirt-kernel too');
}
