import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CgroupLayout } from '../cgroup-mode.js';

/** What a control group has used, in the kernel's terms; the same for both versions. */
export interface CgroupUsage {
  /** Nanoseconds. `perCpu` is version 1's only. */
  readonly cpu: {
    readonly total: number;
    readonly kernel: number;
    readonly user: number;
    readonly perCpu: readonly number[] | undefined;
    readonly periods: number;
    readonly throttledPeriods: number;
    readonly throttledTime: number;
  };
  readonly memory: {
    readonly usage: number;
    readonly maxUsage: number | undefined;
    readonly failures: number | undefined;
    /** Infinity for none. */
    readonly limit: number;
    readonly stats: Readonly<Record<string, number>>;
  };
  /** `limit` is undefined for none. */
  readonly pids: { readonly current: number; readonly limit: number | undefined };
  readonly io: { readonly bytes: readonly IoEntry[]; readonly operations: readonly IoEntry[] };
}

export interface IoEntry {
  readonly major: number;
  readonly minor: number;
  /** "Read", "Write", … in version 1, "read" and "write" in version 2. */
  readonly op: string;
  readonly value: number;
}

/** Reads a group's counters (cgroup-v1 and cgroup-v2 of the kernel's documentation). What is not there is 0. */
export async function readUsage(layout: CgroupLayout, path: string): Promise<CgroupUsage> {
  return layout.mode === 'v2' ? readV2(groupDirectory(layout, 'unified', path)) : readV1(layout, path);
}

/** Pids of all processes in the group and below it. Empty when it is gone. */
export async function readProcesses(layout: CgroupLayout, path: string): Promise<readonly number[]> {
  return processesBelow(groupDirectory(layout, 'pids', path));
}

/** In every hierarchy, whether the group is there or not. */
export function groupDirectories({ unified, controllers }: CgroupLayout, path: string): readonly string[] {
  const roots = new Set([...controllers.values(), ...(unified === undefined ? [] : [unified])]);
  return [...roots].map((root) => join(root, path));
}

/** The group's directory in the hierarchy of a controller; in version 2 there is one for all. */
export function groupDirectory(
  { mode, unified, controllers }: CgroupLayout,
  controller: string,
  path: string,
): string {
  if (mode === 'v2') return join(unified ?? '/sys/fs/cgroup', path);
  return join(controllers.get(controller) ?? join('/sys/fs/cgroup', controller), path);
}

async function processesBelow(directory: string): Promise<readonly number[]> {
  const [own, entries] = await Promise.all([
    read(directory, 'cgroup.procs'),
    readdir(directory, { withFileTypes: true }).catch(() => []),
  ]);
  const nested = entries.filter((entry) => entry.isDirectory()).map((entry) => join(directory, entry.name));
  const below = await Promise.all(nested.map(processesBelow));
  return [...own.split('\n').filter(Boolean).map(Number), ...below.flat()];
}

async function readV1(layout: CgroupLayout, path: string): Promise<CgroupUsage> {
  const file = (controller: string, name: string) => read(groupDirectory(layout, controller, path), name);
  const [total, times, perCpu, throttling] = await Promise.all([
    file('cpuacct', 'cpuacct.usage'),
    file('cpuacct', 'cpuacct.stat'),
    file('cpuacct', 'cpuacct.usage_percpu'),
    file('cpu', 'cpu.stat'),
  ]);
  const [usage, maxUsage, failures, limit, stats] = await Promise.all([
    file('memory', 'memory.usage_in_bytes'),
    file('memory', 'memory.max_usage_in_bytes'),
    file('memory', 'memory.failcnt'),
    file('memory', 'memory.limit_in_bytes'),
    file('memory', 'memory.stat'),
  ]);
  const [current, pidsLimit, bytes, operations] = await Promise.all([
    file('pids', 'pids.current'),
    file('pids', 'pids.max'),
    file('blkio', 'blkio.throttle.io_service_bytes_recursive'),
    file('blkio', 'blkio.throttle.io_serviced_recursive'),
  ]);
  const cpuTimes = keyed(times);
  const throttled = keyed(throttling);
  return {
    cpu: {
      total: Number(total),
      kernel: (cpuTimes['system'] ?? 0) * nanosecondsPerTick,
      user: (cpuTimes['user'] ?? 0) * nanosecondsPerTick,
      perCpu: perCpu
        .split(' ')
        .filter((word) => word.trim() !== '')
        .map(Number),
      periods: throttled['nr_periods'] ?? 0,
      throttledPeriods: throttled['nr_throttled'] ?? 0,
      throttledTime: throttled['throttled_time'] ?? 0,
    },
    memory: {
      usage: Number(usage),
      maxUsage: Number(maxUsage),
      failures: Number(failures),
      limit: Number(limit) || Number.POSITIVE_INFINITY,
      stats: keyed(stats),
    },
    pids: pids(current, pidsLimit),
    io: { bytes: ioOfV1(bytes), operations: ioOfV1(operations) },
  };
}

async function readV2(directory: string): Promise<CgroupUsage> {
  const names = [
    ...['cpu.stat', 'memory.current', 'memory.peak', 'memory.max', 'memory.stat', 'memory.events'],
    ...['pids.current', 'pids.max', 'io.stat'],
  ];
  const texts = await Promise.all(names.map((name) => read(directory, name)));
  const text = new Map(names.map((name, index) => [name, texts[index] ?? '']));
  const of = (name: string): string => text.get(name) ?? '';
  const cpu = keyed(of('cpu.stat'));
  const limit = of('memory.max').trim();
  return {
    cpu: {
      total: (cpu['usage_usec'] ?? 0) * 1000,
      kernel: (cpu['system_usec'] ?? 0) * 1000,
      user: (cpu['user_usec'] ?? 0) * 1000,
      perCpu: undefined,
      periods: cpu['nr_periods'] ?? 0,
      throttledPeriods: cpu['nr_throttled'] ?? 0,
      throttledTime: (cpu['throttled_usec'] ?? 0) * 1000,
    },
    memory: {
      usage: Number(of('memory.current')),
      maxUsage: undefined,
      failures: keyed(of('memory.events'))['oom'] || undefined,
      limit: limit === '' || limit === 'max' ? Number.POSITIVE_INFINITY : Number(limit),
      stats: keyed(of('memory.stat')),
    },
    pids: pids(of('pids.current'), of('pids.max')),
    io: ioOfV2(of('io.stat')),
  };
}

/** Of cpuacct.stat: USER_HZ, which is 100 on every architecture that Linux containers run on. */
const nanosecondsPerTick = 1e9 / 100;

async function read(directory: string, name: string): Promise<string> {
  return readFile(join(directory, name), 'utf8').catch(() => '');
}

/** Lines of "key value". */
function keyed(text: string): Record<string, number> {
  const lines = text.split('\n').map((line) => line.split(' '));
  return Object.fromEntries(
    lines.filter(([key, value]) => key && value).map(([key, value]) => [key, Number(value)]),
  );
}

function pids(current: string, limit: string): CgroupUsage['pids'] {
  const text = limit.trim();
  return { current: Number(current), limit: text === '' || text === 'max' ? undefined : Number(text) };
}

/** "8:0 Read 4096"; the sum of all devices has no device. */
function ioOfV1(text: string): readonly IoEntry[] {
  return [...text.matchAll(/^(\d+):(\d+) (\w+) (\d+)$/gm)].map(([, major, minor, op = '', value]) => ({
    ...{ major: Number(major), minor: Number(minor), op, value: Number(value) },
  }));
}

/** "8:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0" */
function ioOfV2(text: string): CgroupUsage['io'] {
  const entries = (names: Readonly<Record<string, string>>): IoEntry[] =>
    [...text.matchAll(/^(\d+):(\d+) (.*)$/gm)].flatMap(([, major, minor, rest = '']) =>
      rest.split(' ').flatMap((pair) => {
        const [name = '', value] = pair.split('=');
        const op = names[name];
        return op ? [{ major: Number(major), minor: Number(minor), op, value: Number(value) }] : [];
      }),
    );
  return {
    bytes: entries({ rbytes: 'read', wbytes: 'write' }),
    operations: entries({ rios: 'read', wios: 'write' }),
  };
}
