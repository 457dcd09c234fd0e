import { pruneContainers } from '../../api/client/container-actions.js';
import type { EngineClient } from '../../api/client/engine-client.js';
import { pruneImages } from '../../api/client/images.js';
import { pruneNetworks } from '../../api/client/networks.js';
import type { Filters } from '../../api/client/types.js';
import { pruneVolumes } from '../../api/client/volumes.js';
import type { PruneAnswer } from './prune-command.js';

type Prune = (client: EngineClient, filters: Filters, signal: AbortSignal) => Promise<PruneAnswer>;

/** Each as docker reports it; the engine decides what is unused. */
export const pruneOf = {
  containers: async (client, filters, signal) => {
    const { deleted, reclaimed } = await pruneContainers(client, filters, signal);
    return { groups: [{ heading: 'Deleted Containers', names: deleted }], reclaimed };
  },
  networks: async (client, filters, signal) => {
    const { deleted } = await pruneNetworks(client, filters, signal);
    return { groups: [{ heading: 'Deleted Networks', names: deleted }], reclaimed: undefined };
  },
  volumes: async (client, filters, signal) => {
    const { deleted, reclaimed } = await pruneVolumes(client, filters, signal);
    return { groups: [{ heading: 'Deleted Volumes', names: deleted }], reclaimed };
  },
  images: async (client, filters, signal) => {
    const { ImagesDeleted, SpaceReclaimed } = await pruneImages(client, filters, signal);
    const names = (ImagesDeleted ?? []).map((item) =>
      'Untagged' in item ? `untagged: ${item.Untagged}` : `deleted: ${item.Deleted}`,
    );
    return { groups: [{ heading: 'Deleted Images', names }], reclaimed: SpaceReclaimed ?? 0 };
  },
} satisfies Record<string, Prune>;
