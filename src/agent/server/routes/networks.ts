import type { Filters } from '../../../api/filters.js';
import {
  type NetworkConnectRequest,
  type NetworkCreateRequest,
  type NetworkCreateResponse,
  type NetworkDisconnectRequest,
  type NetworkPruneResponse,
  type NetworkResource,
  networkConnectRequest,
  networkCreateRequest,
  networkDisconnectRequest,
} from '../../../api/network.js';
import { del, empty, get, json, post, type Route } from '../route.js';

export interface NetworkBackend {
  list(filters: Filters): Promise<readonly NetworkResource[]>;
  inspect(nameOrId: string, scope?: string): Promise<NetworkResource>;
  create(request: NetworkCreateRequest | undefined): Promise<NetworkCreateResponse>;
  connect(nameOrId: string, request: NetworkConnectRequest | undefined): Promise<void>;
  disconnect(nameOrId: string, request: NetworkDisconnectRequest | undefined): Promise<void>;
  remove(nameOrId: string): Promise<void>;
  prune(filters: Filters): Promise<NetworkPruneResponse>;
}

export function networkRoutes(networks: NetworkBackend): readonly Route[] {
  return [
    get('/networks', async ({ query }) => json(200, await networks.list(query.filters()))),
    get('/networks/{id}', async ({ params, query }) =>
      json(200, await networks.inspect(params.id, query.text('scope'))),
    ),
    post('/networks/create', async (request) =>
      json(201, await networks.create(await request.json(networkCreateRequest))),
    ),
    post('/networks/prune', async ({ query }) => json(200, await networks.prune(query.filters()))),
    post('/networks/{id}/connect', async (request) => {
      await networks.connect(request.params.id, await request.json(networkConnectRequest));
      return empty(200);
    }),
    post('/networks/{id}/disconnect', async (request) => {
      await networks.disconnect(request.params.id, await request.json(networkDisconnectRequest));
      return empty(200);
    }),
    del('/networks/{id}', async ({ params }) => {
      await networks.remove(params.id);
      return empty(204);
    }),
  ];
}
