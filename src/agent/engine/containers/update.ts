import type { UpdateResponse } from '../../../api/container.js';
import type { HostConfig } from '../../../api/container-config.js';
import { errorMessage } from '../../../shared/errors.js';
import type { OciResources } from '../../runtime/spec/oci.js';
import { buildResources } from '../../runtime/spec/resources.js';
import { cannotUpdate, conflictingUpdate, markedForUpdate } from '../errors.js';
import type { Container } from './container.js';
import { type ContainerContext, publish } from './context.js';
import { validateHostConfig } from './host-config.js';
import { resourcesOf } from './run-spec.js';

/**
 * Changes limits and restart policy: what the request leaves out or sets to zero stays. What runs is changed at
 * once; when the kernel refuses, nothing has changed (moby daemon/update.go, container/container_unix.go). Throws
 * UPDATE_CONFLICT (409), UPDATE_FAILED, OPTION_INVALID.
 */
export async function updateContainer(
  context: ContainerContext,
  container: Container,
  request: HostConfig,
): Promise<UpdateResponse> {
  return context.locks.run(container.id, async () => {
    const { record, id } = container;
    if (['removing', 'dead'].includes(record.state.status)) throw markedForUpdate(id);
    const changes = changesOf(request);
    refuseConflicts(id, record.hostConfig, changes);
    const hostConfig = { ...record.hostConfig, ...changes };
    validateHostConfig(hostConfig);
    const warnings: string[] = [];
    const limits = limitsFor(context, hostConfig, changes, (text) => void warnings.push(text));
    if (container.running && Object.keys(limits).length > 0) {
      await context.runtime.update(id, limits).catch((error) => {
        throw cannotUpdate(id, errorMessage(error));
      });
    }
    container.update({ hostConfig });
    await context.store.save(container);
    publish(context, container, 'update');
    return { Warnings: warnings };
  });
}

const numbers = [
  ...['BlkioWeight', 'CpuShares', 'NanoCpus', 'CpuPeriod', 'CpuQuota', 'Memory', 'MemorySwap'],
  ...['MemoryReservation', 'CpuRealtimePeriod', 'CpuRealtimeRuntime'],
] as const satisfies readonly (keyof HostConfig)[];

const cpuFields = [
  ...['CpuShares', 'NanoCpus', 'CpuPeriod', 'CpuQuota', 'CpusetCpus', 'CpusetMems'],
  ...['CpuRealtimePeriod', 'CpuRealtimeRuntime'],
] as const satisfies readonly (keyof HostConfig)[];

/** What the request really asks for. The CLI sends every field, most of them zero. */
function changesOf(request: HostConfig): HostConfig {
  const { PidsLimit, RestartPolicy } = request;
  const given = (name: keyof HostConfig) => [name, request[name]] as const;
  const values = [...numbers, 'CpusetCpus' as const, 'CpusetMems' as const].map(given);
  return {
    ...Object.fromEntries(values.filter(([, value]) => Boolean(value))),
    ...(PidsLimit !== undefined && { PidsLimit: Math.max(PidsLimit, 0) }), // 0 for no limit
    ...(RestartPolicy?.Name && { RestartPolicy: { MaximumRetryCount: 0, ...RestartPolicy } }),
  };
}

function refuseConflicts(id: string, current: HostConfig, changes: HostConfig): void {
  const conflict = (text: string): never => {
    throw conflictingUpdate(id, text);
  };
  const already = (changed: string, set: string): never =>
    conflict(`Conflicting options: ${changed} cannot be updated as ${set} has already been set`);
  if (changes.NanoCpus && current.CpuPeriod) already('Nano CPUs', 'CPU Period');
  if (changes.NanoCpus && current.CpuQuota) already('Nano CPUs', 'CPU Quota');
  if (changes.CpuPeriod && current.NanoCpus) already('CPU Period', 'NanoCPUs');
  if (changes.CpuQuota && current.NanoCpus) already('CPU Quota', 'NanoCPUs');
  const { Memory = 0, MemorySwap = 0 } = changes;
  if (Memory > (current.MemorySwap ?? 0) && MemorySwap === 0) {
    conflict(
      'Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time',
    );
  }
  if (current.AutoRemove && !['', 'no'].includes(changes.RestartPolicy?.Name ?? '')) {
    conflict('Restart policy cannot be updated because AutoRemove is enabled for the container');
  }
}

/** Only the groups of limits that the request touches, but each of them whole. */
function limitsFor(
  { host }: ContainerContext,
  hostConfig: HostConfig,
  changes: HostConfig,
  warn: (text: string) => void,
): OciResources {
  const { memory, cpu, pids, blockIO } = buildResources(resourcesOf(hostConfig), host, warn);
  const touches = (...names: readonly (keyof HostConfig)[]) => names.some((name) => name in changes);
  return {
    ...(touches('Memory', 'MemorySwap', 'MemoryReservation') && { memory }),
    ...(touches(...cpuFields) && { cpu }),
    ...(touches('PidsLimit') && { pids: pids ?? { limit: -1 } }),
    ...(touches('BlkioWeight') && { blockIO }),
  };
}
