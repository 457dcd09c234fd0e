import { connectionUri, isLocal, isSession } from '../../../../src/drivers/libvirt/connection-uri.js';
import { parseLibvirtOptions } from '../../../../src/drivers/libvirt/machine-spec.js';
import type { LibvirtOptions } from '../../../../src/drivers/libvirt/options.js';

const defaults: LibvirtOptions = {
  uri: 'qemu:///system',
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
  rootfs: undefined,
  init: undefined,
  'boot2docker-url': undefined,
};
const parse = (options: Partial<LibvirtOptions>) => parseLibvirtOptions({ ...defaults, ...options });

test('plain sizes count as docker-machine counted them: MiB of memory, MB of disk', () => {
  expect(parse({ memory: '1024', 'disk-size': '5000' })).toMatchObject({ memoryMiB: 1024, diskBytes: 5e9 });
});

test('sizes may have units, and disks are of whole sectors', () => {
  const spec = parse({ memory: '4g', 'disk-size': '40g', 'extra-disk': ['1000001b', '2g'] });

  expect(spec).toMatchObject({ memoryMiB: 4096, diskBytes: 40 * 2 ** 30, extraDisks: [999_936, 2 ** 31] });
});

test.each([
  [{ network: undefined }, { kind: 'network', name: 'default' }],
  [{ network: undefined, uri: 'qemu:///session' }, { kind: 'user' }],
  [{ network: 'lab' }, { kind: 'network', name: 'lab' }],
  [{ network: 'bridge:br0' }, { kind: 'bridge', name: 'br0' }],
  [{ network: 'user' }, { kind: 'user' }],
])('%j is the network %j', (options, network) => {
  expect(parse(options).network).toEqual(network);
});

test.each<[string, Partial<LibvirtOptions>]>([
  ['libvirt-memory', { memory: 'much' }],
  ['libvirt-memory', { memory: '64' }],
  ['libvirt-disk-size', { 'disk-size': '-1' }],
  ['libvirt-extra-disk', { 'extra-disk': ['0'] }],
  ['libvirt-cpus', { cpus: 0 }],
  ['libvirt-accel', { accel: 'xen' }],
  ['libvirt-image-checksum', { 'image-checksum': 'md5:abc' }],
  ['libvirt-cache-mode', { 'cache-mode': 'fast' }],
  ['libvirt-io-mode', { 'io-mode': 'fast' }],
  ['libvirt-ssh-user', { 'ssh-user': 'a b' }],
  ['libvirt-ssh-port', { 'ssh-port': 70_000 }],
  ['libvirt-initrd', { initrd: '/initrd' }],
  ['libvirt-kernel-args', { 'kernel-args': 'quiet' }],
  ['libvirt-boot2docker-url', { 'boot2docker-url': 'http://example.com/boot2docker.iso' }],
  ['libvirt-network', { network: 'user', uri: 'qemu+ssh://host/system' }],
])('a wrong --%s is refused by name', (flag, options) => {
  expect(() => parse(options)).toThrow(`--${flag}`);
});

test('the values of docker-machine-driver-kvm are taken', () => {
  expect(parse({ 'cache-mode': 'default', 'io-mode': 'threads' })).toMatchObject({
    cacheMode: undefined,
    ioMode: 'threads',
  });
});

test.each([
  ['qemu:///system', true, false],
  ['qemu:///session', true, true],
  ['qemu+unix:///session?socket=/run/x', true, true],
  ['test:///default', true, false],
  ['qemu+ssh://root@host/system', false, false],
  ['qemu+ssh://host/session', false, true],
  ['qemu+tls://host/system', false, false],
  ['qemu+ssh:///system', false, false],
])('%s: here %s, of a user %s', (uri, local, session) => {
  expect([isLocal(uri), isSession(uri)]).toEqual([local, session]);
});

test('a given connection is taken as it is', () => {
  expect(connectionUri('xen:///')).toBe('xen:///');
});
