import type { BuildOptions } from '../../../api/client/builds.js';
import { parseExtraHost, parseKeyValues, parseLabels } from '../key-values.js';
import { parseUlimit } from '../limits.js';
import { parseSize, resourceLimits } from '../resource-limits.js';
import type { BuildFlags } from './build-flags.js';

/** Flags as what `POST /build` takes, but for the context. Throws FLAG_INVALID. */
export function buildOptions(flags: BuildFlags, environment: NodeJS.ProcessEnv): BuildOptions {
  const limits = resourceLimits(flags);
  return {
    tags: flags.tag ?? [],
    buildArgs: buildArguments(flags['build-arg'] ?? [], environment),
    labels: parseLabels(flags.label ?? []),
    target: flags.target,
    platform: flags.platform?.join(',') || undefined,
    cacheFrom: (flags['cache-from'] ?? []).flatMap((images) => images.split(',')),
    extraHosts: (flags['add-host'] ?? []).map(parseExtraHost),
    ulimits: (flags.ulimit ?? []).map(parseUlimit),
    networkMode: flags.network,
    noCache: flags['no-cache'] ?? false,
    pull: flags.pull ?? false,
    quiet: flags.quiet ?? false,
    removeContainers: flags.rm ?? true,
    forceRemove: flags['force-rm'] ?? false,
    squash: flags.squash ?? false,
    shmSize: flags['shm-size'] === undefined ? undefined : parseSize('--shm-size', flags['shm-size']),
    memory: limits.Memory,
    memorySwap: limits.MemorySwap,
    cpuShares: limits.CpuShares,
    cpuPeriod: limits.CpuPeriod,
    cpuQuota: limits.CpuQuota,
    cpusetCpus: limits.CpusetCpus,
    cpusetMems: limits.CpusetMems,
    cgroupParent: flags['cgroup-parent'],
    isolation: flags.isolation,
    securityOptions: flags['security-opt'] ?? [],
  };
}

/** A name alone means the value of this environment; one that is not there is left out. */
export function buildArguments(
  flags: readonly string[],
  environment: NodeJS.ProcessEnv,
): Readonly<Record<string, string>> {
  const given = flags.flatMap((flag) => {
    if (flag.includes('=')) return [flag];
    const value = environment[flag];
    return value === undefined ? [] : [`${flag}=${value}`];
  });
  return parseKeyValues('--build-arg', given);
}
