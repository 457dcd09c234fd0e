import type { DriverOptions, OptionValues } from '../options.js';

export const libvirtOptions = {
  uri: {
    type: 'string',
    description:
      'libvirt connection, such as qemu:///system, qemu:///session, qemu+ssh://user@host/system or lxc:///',
    env: ['TSMACHINE_LIBVIRT_URI', 'LIBVIRT_DEFAULT_URI'],
  },
  image: {
    type: 'string',
    description: 'cloud image with cloud-init, qcow2 or raw: a file or an http(s) URL (default: Debian’s)',
    env: ['TSMACHINE_LIBVIRT_IMAGE'],
  },
  'image-checksum': {
    type: 'string',
    description: 'what the image must be: sha256:HEX',
    env: ['TSMACHINE_LIBVIRT_IMAGE_CHECKSUM'],
  },
  memory: {
    type: 'string',
    default: '2048',
    description: 'memory in MiB, or with a unit: 4g',
    env: ['TSMACHINE_LIBVIRT_MEMORY', 'KVM_MEMORY'],
    aliases: ['kvm-memory'],
  },
  cpus: {
    type: 'integer',
    default: 1,
    description: 'virtual processors',
    env: ['TSMACHINE_LIBVIRT_CPUS', 'KVM_CPU_COUNT'],
    aliases: ['kvm-cpu-count'],
  },
  'cpu-mode': {
    type: 'string',
    description: 'host-passthrough, host-model, maximum, or the name of a model of QEMU',
    env: ['TSMACHINE_LIBVIRT_CPU_MODE'],
  },
  accel: {
    type: 'string',
    default: 'auto',
    description: 'auto, kvm, or tcg (emulation)',
    env: ['TSMACHINE_LIBVIRT_ACCEL'],
  },
  'disk-size': {
    type: 'string',
    default: '20000',
    description: 'size of the disk in MB, or with a unit: 40g; never smaller than the image',
    env: ['TSMACHINE_LIBVIRT_DISK_SIZE', 'KVM_DISK_SIZE'],
    aliases: ['kvm-disk-size'],
  },
  'extra-disk': {
    type: 'list',
    description: 'size of one more, empty disk; may be given several times',
  },
  'cache-mode': {
    type: 'string',
    description: 'cache of the disks: none, writethrough, writeback, directsync or unsafe',
    env: ['KVM_CACHE_MODE'],
    aliases: ['kvm-cache-mode'],
  },
  'io-mode': {
    type: 'string',
    description: 'input and output of the disks: threads, native or io_uring',
    env: ['KVM_IO_MODE'],
    aliases: ['kvm-io-mode'],
  },
  pool: {
    type: 'string',
    default: 'default',
    description: 'storage pool for the disks',
    env: ['TSMACHINE_LIBVIRT_POOL'],
  },
  network: {
    type: 'string',
    description:
      'a network of libvirt (default "default"), bridge:NAME, or user: SSH and the Docker API forwarded to loopback',
    env: ['TSMACHINE_LIBVIRT_NETWORK', 'KVM_NETWORK'],
    aliases: ['kvm-network'],
  },
  uefi: { type: 'boolean', description: 'boot with UEFI instead of BIOS' },
  autostart: { type: 'boolean', description: 'start the machine with its libvirt host' },
  'ssh-user': {
    type: 'string',
    default: 'tsmachine',
    description: 'user that cloud-init makes, with sudo',
    env: ['TSMACHINE_LIBVIRT_SSH_USER', 'KVM_SSH_USER'],
    aliases: ['kvm-ssh-user'],
  },
  'ssh-port': { type: 'integer', default: 22, description: 'port of the guest’s SSH server' },
  'user-data': {
    type: 'string',
    description: 'file with more cloud-init user data, such as a #cloud-config',
  },
  kernel: { type: 'string', description: 'boot this kernel file instead of what is on the disk' },
  initrd: { type: 'string', description: 'initial RAM disk file for --libvirt-kernel' },
  'kernel-args': { type: 'string', description: 'arguments for --libvirt-kernel' },
  rootfs: {
    type: 'string',
    description:
      'what a container of lxc:/// is made from: a directory such as debootstrap makes, or a tar of one',
    env: ['TSMACHINE_LIBVIRT_ROOTFS'],
  },
  init: {
    type: 'string',
    description:
      'program of the root file system that runs as init of a container (default: one that runs sshd)',
  },
  'boot2docker-url': {
    type: 'string',
    description: 'refused: give --libvirt-image',
    env: ['KVM_BOOT2DOCKER_URL'],
    aliases: ['kvm-boot2docker-url'],
  },
} as const satisfies DriverOptions;

export type LibvirtOptions = OptionValues<typeof libvirtOptions>;
