import type { OciBlockIo, OciResources } from './oci.js';
import type { HostFacts, RunResources } from './run-spec.js';

type Limits = Omit<OciResources, 'devices'>;

export function buildResources(run: RunResources, host: HostFacts, warn: (text: string) => void): Limits {
  const memory = memoryLimits(run, host, warn);
  const cpu = cpuLimits(run);
  const blockIO = blockIoLimits(run, host, warn);
  return {
    ...(Object.keys(blockIO).length > 0 && { blockIO }),
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
  const swappiness = swappinessOf(run, host, warn);
  return {
    ...(swappiness !== undefined && { swappiness }),
    ...(oomKillerIsDisabled(run, host, warn) && { disableOOMKiller: true }),
    ...(run.memory && { limit: run.memory }),
    ...(run.memoryReservation && { reservation: run.memoryReservation }),
    ...(swap !== undefined && host.swapLimit && { swap }),
  };
}

function swappinessOf({ swappiness }: RunResources, host: HostFacts, warn: (text: string) => void) {
  if (swappiness === undefined || host.swappiness) return swappiness;
  warn(
    'Your kernel does not support memory swappiness capabilities or the cgroup is not mounted. ' +
      'Memory swappiness discarded.',
  );
  return undefined;
}

function oomKillerIsDisabled(run: RunResources, host: HostFacts, warn: (text: string) => void): boolean {
  if (!run.oomKillDisable) return false;
  if (!host.oomKillDisable) {
    warn('Your kernel does not support OomKillDisable. OomKillDisable discarded.');
    return false;
  }
  if (!run.memory) {
    warn(
      'OOM killer is disabled for the container, but no memory limit is set, this can result in the system ' +
        'running out of resources.',
    );
  }
  return true;
}

function blockIoLimits(
  { blockIo = {} }: RunResources,
  host: HostFacts,
  warn: (text: string) => void,
): OciBlockIo {
  const { weight, weightDevice, ...throttles } = blockIo;
  const weights = { ...(weight && { weight }), ...(weightDevice?.length && { weightDevice }) };
  const limited = Object.fromEntries(Object.entries(throttles).filter(([, list]) => list.length > 0));
  const missing = (what: string) =>
    `Your kernel does not support ${what} or the cgroup is not mounted. ${what} discarded.`;
  if (Object.keys(weights).length > 0 && !host.blockIoWeight) warn(missing('Block I/O weight'));
  if (Object.keys(limited).length > 0 && !host.blockIoThrottle) warn(missing('Block I/O limits'));
  return { ...(host.blockIoWeight && weights), ...(host.blockIoThrottle && limited) };
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
    ...(run.cpuRealtimeRuntime && { realtimeRuntime: run.cpuRealtimeRuntime }),
    ...(run.cpuRealtimePeriod && { realtimePeriod: run.cpuRealtimePeriod }),
    ...(run.cpusetCpus && { cpus: run.cpusetCpus }),
    ...(run.cpusetMems && { mems: run.cpusetMems }),
  };
}

/** Microseconds. */
const CPU_PERIOD = 100_000;
