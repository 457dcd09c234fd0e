import type { OciResources } from './oci.js';
import type { HostFacts, RunResources } from './run-spec.js';

type Limits = Omit<OciResources, 'devices'>;

export function buildResources(run: RunResources, host: HostFacts, warn: (text: string) => void): Limits {
  const memory = memoryLimits(run, host, warn);
  const cpu = cpuLimits(run);
  return {
    ...(Object.keys(memory).length > 0 && { memory }),
    ...(Object.keys(cpu).length > 0 && { cpu }),
    ...(run.pidsLimit !== undefined && run.pidsLimit > 0 && { pids: { limit: run.pidsLimit } }),
  };
}

function memoryLimits(run: RunResources, host: HostFacts, warn: (text: string) => void) {
  const swap = swapLimit(run);
  if (swap !== undefined && !host.swapLimit) {
    warn(
      'Your kernel does not support swap limit capabilities or the cgroup is not mounted. ' +
        'Memory limited without swap.',
    );
  }
  return {
    ...(run.memory && { limit: run.memory }),
    ...(run.memoryReservation && { reservation: run.memoryReservation }),
    ...(swap !== undefined && host.swapLimit && { swap }),
  };
}

/** Docker's default is as much swap as memory. */
function swapLimit({ memory, memorySwap }: RunResources): number | undefined {
  if (memorySwap) return memorySwap;
  return memory ? memory * 2 : undefined;
}

function cpuLimits(run: RunResources) {
  const quota = run.nanoCpus ? Math.round((run.nanoCpus * CPU_PERIOD) / 1e9) : run.cpuQuota;
  const period = run.nanoCpus ? CPU_PERIOD : run.cpuPeriod;
  return {
    ...(run.cpuShares && { shares: run.cpuShares }),
    ...(quota && { quota }),
    ...(period && { period }),
    ...(run.cpusetCpus && { cpus: run.cpusetCpus }),
    ...(run.cpusetMems && { mems: run.cpusetMems }),
  };
}

/** Microseconds. */
const CPU_PERIOD = 100_000;
