import type { Filters } from '../../../api/filters.js';
import type { NetworkResource } from '../../../api/network.js';
import { del, empty, get, json, post, type Route } from '../route.js';

export interface NetworkBackend {
  list(filters: Filters): Promise<readonly NetworkResource[]>;
  inspect(nameOrId: string): Promise<NetworkResource>;
  create(): Promise<{ readonly Id: string }>;
  connect(nameOrId: string): Promise<void>;
  disconnect(nameOrId: string): Promise<void>;
  remove(nameOrId: string): Promise<void>;
}

export function networkRoutes(networks: NetworkBackend): readonly Route[] {
  return [
    get('/networks', async ({ query }) => json(200, await networks.list(query.filters()))),
    get('/networks/{id}', async ({ params }) => json(200, await networks.inspect(params.id))),
    post('/networks/create', async () => json(201, await networks.create())),
    post('/networks/prune', async () => json(200, { NetworksDeleted: null })),
    post('/networks/{id}/connect', async ({ params }) => {
      await networks.connect(params.id);
      return empty(200);
    }),
    post('/networks/{id}/disconnect', async ({ params }) => {
      await networks.disconnect(params.id);
      return empty(200);
    }),
    del('/networks/{id}', async ({ params }) => {
      await networks.remove(params.id);
      return empty(204);
    }),
  ];
}
