import { listContainers } from '../../api/client/containers.js';
import { listNetworks } from '../../api/client/networks.js';
import { listVolumes } from '../../api/client/volumes.js';
import type { NetworkResource } from '../../api/network.js';
import type { VolumeResource } from '../../api/volume.js';
import type { Fleet } from '../fleet.js';
import { label } from '../labels.js';
import { compareContainers, type ObservedContainer, observedContainer } from './observed.js';

/** The project's containers on all its machines, stopped and one-off ones too. */
export async function observeContainers(
  fleet: Fleet,
  project: string,
  signal: AbortSignal,
): Promise<readonly ObservedContainer[]> {
  const filters = { label: [`${label.project}=${project}`] };
  const lists = await Promise.all(
    fleet.machines.map(async (machine) => {
      const summaries = await listContainers(fleet.client(machine), { all: true, filters }, signal);
      return summaries.map((summary) => observedContainer(machine, summary));
    }),
  );
  return lists.flat().toSorted(compareContainers);
}

/** Of one machine: everything that could be, or be in the way of, what the project needs. */
export interface ObservedResources {
  readonly networks: readonly NetworkResource[];
  readonly volumes: readonly VolumeResource[];
}

export async function observeResources(
  fleet: Fleet,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ObservedResources>> {
  const entries = await Promise.all(
    fleet.machines.map(async (machine) => {
      const client = fleet.client(machine);
      const [networks, volumes] = await Promise.all([
        listNetworks(client, {}, signal),
        listVolumes(client, {}, signal),
      ]);
      return [machine, { networks, volumes }] as const;
    }),
  );
  return new Map(entries);
}
