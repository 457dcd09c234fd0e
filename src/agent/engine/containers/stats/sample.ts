import { readFile } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import type {
  BlkioStats,
  ContainerStats,
  CpuStats,
  InterfaceStats,
} from '../../../../api/container-stats.js';
import { formatNanoTime, nowNanos } from '../../../../shared/nanotime.js';
import { type NetworkCounters, networkCounters } from '../../../kernel/network-counters.js';
import type { CgroupUsage } from '../../../runtime/cgroup/usage.js';
import type { Container } from '../container.js';
import type { ContainerContext } from '../context.js';
import { networkMode } from '../network-mode.js';
import { never } from '../state.js';

/** The state of a container's counters now; `before` is the sample that clients compare the CPU's with. */
export async function takeSample(
  context: ContainerContext,
  container: Container,
  before?: ContainerStats,
): Promise<ContainerStats> {
  const { pid } = container.record.state;
  const hasNetwork = networkMode(container.record.hostConfig).type !== 'host';
  const [usage, systemCpu, interfaces] = await Promise.all([
    context.runtime.usage(container.id),
    systemCpuUsage(),
    hasNetwork ? networkCounters(pid) : [],
  ]);
  const empty = emptySample(container);
  // It may have ended while it was looked at: /proc/0 and a group that is gone have nothing to say.
  if (!usage || !container.running) return empty;
  return {
    ...empty,
    read: formatNanoTime(nowNanos()),
    preread: before?.read ?? never,
    pids_stats: {
      current: usage.pids.current,
      ...(usage.pids.limit !== undefined && { limit: usage.pids.limit }),
    },
    blkio_stats: {
      ...emptyLists,
      io_service_bytes_recursive: usage.io.bytes,
      io_serviced_recursive: usage.io.operations,
    },
    cpu_stats: cpuStats(usage.cpu, systemCpu),
    precpu_stats: before?.cpu_stats ?? empty.precpu_stats,
    memory_stats: memoryStats(usage.memory),
    ...(interfaces.length > 0 && {
      networks: Object.fromEntries(interfaces.map((each) => [each.name, interfaceStats(each)])),
    }),
  };
}

/** What dockerd answers for a container that does not run. */
export function emptySample({ id, record }: Container): ContainerStats {
  return {
    read: never,
    preread: never,
    pids_stats: {},
    blkio_stats: noLists,
    num_procs: 0,
    storage_stats: {},
    cpu_stats: noCpu,
    precpu_stats: noCpu,
    memory_stats: {},
    name: `/${record.name}`,
    id,
  };
}

function cpuStats(cpu: CgroupUsage['cpu'], systemCpu: number): CpuStats {
  return {
    cpu_usage: {
      total_usage: cpu.total,
      ...(cpu.perCpu && { percpu_usage: cpu.perCpu }),
      usage_in_kernelmode: cpu.kernel,
      usage_in_usermode: cpu.user,
    },
    system_cpu_usage: systemCpu,
    online_cpus: availableParallelism(),
    throttling_data: {
      periods: cpu.periods,
      throttled_periods: cpu.throttledPeriods,
      throttled_time: cpu.throttledTime,
    },
  };
}

function memoryStats({ usage, maxUsage, failures, limit, stats }: CgroupUsage['memory']) {
  return {
    usage,
    ...(maxUsage !== undefined && { max_usage: maxUsage }),
    stats,
    ...(failures && { failcnt: failures }),
    limit: Math.min(limit, totalmem()),
  };
}

function interfaceStats(counters: NetworkCounters): InterfaceStats {
  return {
    rx_bytes: counters.receivedBytes,
    rx_packets: counters.receivedPackets,
    rx_errors: counters.receiveErrors,
    rx_dropped: counters.receiveDrops,
    tx_bytes: counters.sentBytes,
    tx_packets: counters.sentPackets,
    tx_errors: counters.sendErrors,
    tx_dropped: counters.sendDrops,
  };
}

/** All time of all CPUs, idle too, in nanoseconds: the first seven numbers of /proc/stat, in ticks of 1/100 s. */
async function systemCpuUsage(): Promise<number> {
  const line = (await readFile('/proc/stat', 'utf8')).split('\n', 1)[0] ?? '';
  const ticks = line.split(/\s+/).slice(1, 8).map(Number);
  return ticks.reduce((sum, each) => sum + each, 0) * 1e7;
}

const lists = (value: readonly [] | null): BlkioStats => ({
  io_service_bytes_recursive: value,
  io_serviced_recursive: value,
  io_queue_recursive: value,
  io_service_time_recursive: value,
  io_wait_time_recursive: value,
  io_merged_recursive: value,
  io_time_recursive: value,
  sectors_recursive: value,
});

const emptyLists = lists([]);
const noLists = lists(null);

const noCpu: CpuStats = {
  cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
};
