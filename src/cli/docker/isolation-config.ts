import type { Interfaces } from '@oclif/core';
import type { HostConfig } from '../../api/client/types.js';
import { parseByteRate, parseDevice, parseDeviceWeight, parseGpus, parseRate } from './devices.js';
import { flagInvalid } from './errors.js';
import type { isolationFlags } from './isolation-flags.js';
import { parseKeyValues } from './key-values.js';
import { parseInteger } from './limits.js';
import { parseSize } from './resource-limits.js';
import { securityOptions } from './security-options.js';

type IsolationFlags = Partial<Interfaces.InferredFlags<typeof isolationFlags>>;

/** What was given, as the API takes it. Throws FLAG_INVALID, FILE_UNREADABLE. */
export async function isolationConfig(flags: IsolationFlags): Promise<HostConfig> {
  return {
    Privileged: flags.privileged ?? false,
    ...(flags['cap-add'] && { CapAdd: flags['cap-add'] }),
    ...(flags['cap-drop'] && { CapDrop: flags['cap-drop'] }),
    ...(await securityOptions(flags['security-opt'] ?? [])),
    ...(flags['group-add'] && { GroupAdd: flags['group-add'] }),
    ...deviceConfig(flags),
    ...namespaceConfig(flags),
    ...memoryConfig(flags),
    ...(flags.sysctl && { Sysctls: parseKeyValues('--sysctl', flags.sysctl) }),
    ...(flags['storage-opt'] && { StorageOpt: parseKeyValues('--storage-opt', flags['storage-opt']) }),
    ...windowsConfig(flags),
  };
}

function deviceConfig(flags: IsolationFlags): HostConfig {
  const bytes = (name: 'device-read-bps' | 'device-write-bps') =>
    flags[name]?.map((value) => parseByteRate(`--${name}`, value));
  const operations = (name: 'device-read-iops' | 'device-write-iops') =>
    flags[name]?.map((value) => parseRate(`--${name}`, value));
  return defined({
    Devices: flags.device?.map(parseDevice),
    DeviceCgroupRules: flags['device-cgroup-rule']?.map(parseRule),
    DeviceRequests: flags.gpus === undefined ? undefined : [parseGpus(flags.gpus)],
    BlkioDeviceReadBps: bytes('device-read-bps'),
    BlkioDeviceWriteBps: bytes('device-write-bps'),
    BlkioDeviceReadIOps: operations('device-read-iops'),
    BlkioDeviceWriteIOps: operations('device-write-iops'),
    BlkioWeightDevice: flags['blkio-weight-device']?.map(parseDeviceWeight),
  });
}

function namespaceConfig(flags: IsolationFlags): HostConfig {
  return defined({
    IpcMode: flags.ipc,
    PidMode: mode('pid', flags.pid, /^(host|container:.+|)$/, 'PID'),
    UTSMode: mode('uts', flags.uts, /^(host|)$/, 'UTS'),
    UsernsMode: mode('userns', flags.userns, /^(host|)$/, 'USER'),
    CgroupnsMode: mode('cgroupns', flags.cgroupns, /^(host|private|)$/, 'CGROUP'),
    CgroupParent: flags['cgroup-parent'],
    Runtime: flags.runtime,
  });
}

function memoryConfig(flags: IsolationFlags): HostConfig {
  return defined({
    OomKillDisable: flags['oom-kill-disable'] || undefined,
    OomScoreAdj: integer('oom-score-adj', flags),
    MemorySwappiness: integer('memory-swappiness', flags),
    ShmSize: flags['shm-size'] === undefined ? undefined : parseSize('--shm-size', flags['shm-size']),
  });
}

function windowsConfig(flags: IsolationFlags): HostConfig {
  const bandwidth = flags['io-maxbandwidth'];
  return defined({
    Isolation: flags.isolation,
    CpuCount: integer('cpu-count', flags),
    CpuPercent: integer('cpu-percent', flags),
    IOMaximumBandwidth: bandwidth === undefined ? undefined : parseSize('--io-maxbandwidth', bandwidth),
    IOMaximumIOps: integer('io-maxiops', flags),
  });
}

type NumberFlag = 'oom-score-adj' | 'memory-swappiness' | 'cpu-count' | 'cpu-percent' | 'io-maxiops';

function integer(name: NumberFlag, flags: IsolationFlags): number | undefined {
  const text = flags[name];
  return text === undefined ? undefined : parseInteger(`--${name}`, text);
}

function mode(flag: string, value: string | undefined, known: RegExp, name: string): string | undefined {
  if (value !== undefined && !known.test(value)) {
    throw flagInvalid(`--${flag}`, value, `--${flag}: invalid ${name} mode`);
  }
  return value;
}

/** "c 1:3 rwm", as the kernel's devices.allow takes it. */
function parseRule(rule: string): string {
  if (!/^[acb] ([0-9]+|\*):([0-9]+|\*) [rwm]{1,3}$/.test(rule)) {
    throw flagInvalid('--device-cgroup-rule', rule, 'write TYPE MAJOR:MINOR MODE, such as "c 10:229 rwm"');
  }
  return rule;
}

/** What was not given is absent, so that the engine chooses. */
function defined<T extends { readonly [K in keyof T]: HostConfig[K & keyof HostConfig] | undefined }>(
  config: T,
): HostConfig {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
}
