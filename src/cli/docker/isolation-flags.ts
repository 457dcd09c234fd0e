import { Flags } from '@oclif/core';

const list = { multiple: true, multipleNonGreedy: true } as const;

/** Devices, namespaces and privileges: how far the container is apart from its host. */
export const isolationFlags = {
  privileged: Flags.boolean({ description: 'give extended privileges to the container' }),
  'cap-add': Flags.string({ description: 'add a Linux capability', helpValue: 'CAP', ...list }),
  'cap-drop': Flags.string({ description: 'drop a Linux capability', helpValue: 'CAP', ...list }),
  'security-opt': Flags.string({
    ...{ description: 'no-new-privileges, seccomp=FILE|unconfined, systempaths=unconfined, …' },
    ...{ helpValue: 'OPTION', ...list },
  }),
  device: Flags.string({ description: 'add a device of the host', helpValue: 'PATH[:PATH][:rwm]', ...list }),
  'device-cgroup-rule': Flags.string({ description: 'allow devices', helpValue: 'RULE', ...list }),
  'device-read-bps': throttle('bytes a second read from a device', '/dev/sda:1mb'),
  'device-read-iops': throttle('reads a second from a device', '/dev/sda:1000'),
  'device-write-bps': throttle('bytes a second written to a device', '/dev/sda:1mb'),
  'device-write-iops': throttle('writes a second to a device', '/dev/sda:1000'),
  'blkio-weight-device': throttle('weight of block I/O of a device', '/dev/sda:500'),
  gpus: Flags.string({ description: 'GPUs to give to the container', helpValue: 'all|N|device=…' }),
  'group-add': Flags.string({ description: 'a further group', helpValue: 'GROUP', ...list }),
  ipc: Flags.string({
    description: 'IPC namespace',
    helpValue: 'none|private|shareable|host|container:NAME',
  }),
  pid: Flags.string({ description: 'PID namespace', helpValue: 'host|container:NAME' }),
  uts: Flags.string({ description: 'UTS namespace', helpValue: 'host' }),
  userns: Flags.string({ description: 'user namespace', helpValue: 'host' }),
  cgroupns: Flags.string({ description: 'cgroup namespace', helpValue: 'host|private' }),
  'cgroup-parent': Flags.string({ description: 'parent cgroup', helpValue: 'CGROUP' }),
  runtime: Flags.string({ description: 'OCI runtime', helpValue: 'NAME' }),
  sysctl: Flags.string({
    description: 'kernel parameter of the namespaces',
    helpValue: 'NAME=VALUE',
    ...list,
  }),
  annotation: Flags.string({ description: 'annotation for the runtime', helpValue: 'KEY=VALUE', ...list }),
  'oom-kill-disable': Flags.boolean({ description: 'do not kill it when memory is short' }),
  'oom-score-adj': Flags.string({
    description: 'preference of the OOM killer, -1000 to 1000',
    helpValue: 'N',
  }),
  'memory-swappiness': Flags.string({ description: 'how much to swap, 0 to 100', helpValue: 'N' }),
  'shm-size': Flags.string({ description: 'size of /dev/shm', helpValue: '128m' }),
  'storage-opt': Flags.string({
    description: 'size=10g limits what it writes',
    helpValue: 'KEY=VALUE',
    ...list,
  }),
  isolation: Flags.string({ hidden: true, description: 'Windows only' }),
  'cpu-count': Flags.string({ hidden: true, description: 'Windows only' }),
  'cpu-percent': Flags.string({ hidden: true, description: 'Windows only' }),
  'io-maxbandwidth': Flags.string({ hidden: true, description: 'Windows only' }),
  'io-maxiops': Flags.string({ hidden: true, description: 'Windows only' }),
};

function throttle(description: string, helpValue: string) {
  return Flags.string({ description, helpValue, ...list });
}
