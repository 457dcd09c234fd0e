import type { BlkioStats, ContainerStats, CpuStats, MemoryStats } from '../../api/container-stats.js';
import { formatBinaryBytes, formatBytes } from '../../shared/bytes.js';
import { shortId } from '../../shared/identifiers.js';

/** The fields of docker's `stats --format`. */
export interface StatsRow {
  readonly BlockIO: string;
  readonly CPUPerc: string;
  readonly Container: string;
  readonly ID: string;
  readonly MemPerc: string;
  readonly MemUsage: string;
  readonly Name: string;
  readonly NetIO: string;
  readonly PIDs: string;
}

export const statsTable =
  'table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}';

export const statsHeaders: Readonly<Record<string, string>> = {
  ID: 'CONTAINER ID',
  CPUPerc: 'CPU %',
  MemUsage: 'MEM USAGE / LIMIT',
  MemPerc: 'MEM %',
  NetIO: 'NET I/O',
  BlockIO: 'BLOCK I/O',
};

export function statsRow(
  container: string,
  stats: ContainerStats,
  options: { noTruncation: boolean },
): StatsRow {
  const used = usedMemory(stats.memory_stats);
  const limit = stats.memory_stats.limit ?? 0;
  const networks = Object.values(stats.networks ?? {});
  const [read, written] = blockBytes(stats.blkio_stats);
  return {
    BlockIO: `${formatBytes(read)} / ${formatBytes(written)}`,
    CPUPerc: percent(cpuShare(stats.cpu_stats, stats.precpu_stats)),
    Container: container,
    ID: options.noTruncation ? stats.id : shortId(stats.id),
    MemPerc: percent(limit > 0 ? used / limit : 0),
    MemUsage: `${formatBinaryBytes(used)} / ${formatBinaryBytes(limit)}`,
    Name: stats.name.replace(/^\//, ''),
    NetIO: [
      formatBytes(sum(networks.map(({ rx_bytes }) => rx_bytes))),
      formatBytes(sum(networks.map(({ tx_bytes }) => tx_bytes))),
    ].join(' / '),
    PIDs: String(stats.pids_stats.current ?? 0),
  };
}

/** Of one CPU between two samples: 2 is two CPUs at work. */
function cpuShare(now: CpuStats, before: CpuStats): number {
  const used = now.cpu_usage.total_usage - before.cpu_usage.total_usage;
  const system = (now.system_cpu_usage ?? 0) - (before.system_cpu_usage ?? 0);
  const cpus = now.online_cpus || now.cpu_usage.percpu_usage?.length || 1;
  return system > 0 && used > 0 ? (used / system) * cpus : 0;
}

/** Without the page cache that can be given back at once (cgroup v1: total_inactive_file, v2: inactive_file). */
function usedMemory({ usage = 0, stats = {} }: MemoryStats): number {
  const cache = stats['total_inactive_file'] ?? stats['inactive_file'] ?? 0;
  return cache < usage ? usage - cache : usage;
}

function blockBytes({ io_service_bytes_recursive }: BlkioStats): readonly [number, number] {
  const entries = io_service_bytes_recursive ?? [];
  const of = (letter: string) =>
    sum(entries.filter(({ op }) => op.toLowerCase().startsWith(letter)).map(({ value }) => value));
  return [of('r'), of('w')];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}
