import type { HostChange } from '../driver.js';
import { driverCannotChange } from '../errors.js';
import { changeLimits, type Limits, mountedHierarchies } from './cgroups.js';
import { type SandboxInstance, stateOf } from './instance.js';
import { minimumCpus, minimumMemory } from './options.js';
import { runningInit } from './processes.js';
import type { SandboxSite } from './site.js';

/** Memory and processors are limits of its cgroups: a running sandbox has them at once. Throws DRIVER_CANNOT_CHANGE. */
export async function changeSandbox(
  site: SandboxSite,
  instance: SandboxInstance,
  change: HostChange,
): Promise<SandboxInstance> {
  const limits = limitsOf(change);
  if (await runningInit(stateOf(site, instance.id))) {
    await changeLimits(await mountedHierarchies(), site.cgroup, instance.id, limits);
  }
  return { ...instance, ...limits };
}

function limitsOf({ memoryMiB, cpus, tags }: HostChange): Limits {
  if (tags !== undefined) throw driverCannotChange('sandbox', 'tags', Object.keys(tags).join(', '));
  const memoryBytes = memoryMiB === undefined ? undefined : memoryMiB * 2 ** 20;
  if (memoryBytes !== undefined && memoryBytes < minimumMemory) {
    throw driverCannotChange('sandbox', 'memory', `${memoryMiB}m`);
  }
  if (cpus !== undefined && cpus < minimumCpus) throw driverCannotChange('sandbox', 'cpus', String(cpus));
  return { ...(memoryBytes !== undefined && { memoryBytes }), ...(cpus !== undefined && { cpus }) };
}
