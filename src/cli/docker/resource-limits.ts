import type { HostConfig } from '../../api/client/types.js';
import { parseBytes } from '../../shared/bytes.js';
import { flagInvalid } from './errors.js';
import { parseCpus, parseInteger } from './limits.js';

type LimitFlag =
  | 'blkio-weight'
  | 'cpu-period'
  | 'cpu-quota'
  | 'cpu-rt-period'
  | 'cpu-rt-runtime'
  | 'cpu-shares'
  | 'cpus'
  | 'cpuset-cpus'
  | 'cpuset-mems'
  | 'memory'
  | 'memory-reservation'
  | 'memory-swap'
  | 'kernel-memory'
  | 'pids-limit'
  | 'restart';

export type ResourceFlags = Readonly<Partial<Record<LimitFlag, string | undefined>>>;

/** What was given, as the API takes it; the engine keeps the rest. Throws FLAG_INVALID. */
export function resourceLimits(flags: ResourceFlags): HostConfig {
  return {
    ...optional('BlkioWeight', flags, 'blkio-weight', parseInteger),
    ...optional('CpuPeriod', flags, 'cpu-period', parseInteger),
    ...optional('CpuQuota', flags, 'cpu-quota', parseInteger),
    ...optional('CpuRealtimePeriod', flags, 'cpu-rt-period', parseInteger),
    ...optional('CpuRealtimeRuntime', flags, 'cpu-rt-runtime', parseInteger),
    ...optional('CpuShares', flags, 'cpu-shares', parseInteger),
    ...optional('NanoCpus', flags, 'cpus', (_, text) => parseCpus(text)),
    ...optional('CpusetCpus', flags, 'cpuset-cpus', (_, text) => text),
    ...optional('CpusetMems', flags, 'cpuset-mems', (_, text) => text),
    ...optional('Memory', flags, 'memory', parseSize),
    ...optional('MemoryReservation', flags, 'memory-reservation', parseSize),
    ...optional('MemorySwap', flags, 'memory-swap', parseSwap),
    ...optional('KernelMemory', flags, 'kernel-memory', parseSize),
    ...optional('PidsLimit', flags, 'pids-limit', parseInteger),
    ...optional('RestartPolicy', flags, 'restart', (_, text) => parseRestartPolicy(text)),
  };
}

/** "512m" in bytes. Throws FLAG_INVALID. */
export function parseSize(flag: string, text: string): number {
  try {
    return parseBytes(text);
  } catch {
    throw flagInvalid(flag, text, 'write a number with a unit, such as 512m or 2g');
  }
}

/** The names are the engine's to judge, the count is ours. Throws FLAG_INVALID. */
function parseRestartPolicy(text: string): { readonly Name: string; readonly MaximumRetryCount: number } {
  const match = /^([a-z-]*)(?::(\d+))?$/.exec(text);
  if (!match) throw flagInvalid('--restart', text, 'write no, on-failure[:N], always or unless-stopped');
  const [, Name = '', count = '0'] = match;
  return { Name, MaximumRetryCount: Number(count) };
}

function parseSwap(flag: string, text: string): number {
  return text === '-1' ? -1 : parseSize(flag, text);
}

function optional<K extends keyof HostConfig>(
  key: K,
  flags: ResourceFlags,
  name: LimitFlag,
  parse: (flag: string, text: string) => HostConfig[K],
): HostConfig {
  const text = flags[name];
  return text === undefined ? {} : { [key]: parse(`--${name}`, text) };
}
