import type { Filters } from '../../../api/filters.js';
import { compareVersions } from '../../../api/version.js';
import {
  type VolumeCreateRequest,
  type VolumeListResponse,
  type VolumePruneResponse,
  type VolumeResource,
  volumeCreateRequest,
} from '../../../api/volume.js';
import { del, empty, get, json, post, type Route } from '../route.js';

export interface VolumeBackend {
  list(filters: Filters): Promise<VolumeListResponse>;
  inspect(name: string): Promise<VolumeResource>;
  create(request: VolumeCreateRequest): Promise<VolumeResource>;
  remove(name: string, options: { readonly force: boolean }): Promise<void>;
  prune(filters: Filters, options: { readonly namedToo: boolean }): Promise<VolumePruneResponse>;
}

export function volumeRoutes(volumes: VolumeBackend): readonly Route[] {
  return [
    get('/volumes', async ({ query }) => json(200, await volumes.list(query.filters()))),
    get('/volumes/{name}', async ({ params }) => json(200, await volumes.inspect(params.name))),
    post('/volumes/create', async (request) =>
      json(201, await volumes.create((await request.json(volumeCreateRequest)) ?? {})),
    ),
    post('/volumes/prune', async ({ query, version }) => {
      const namedToo = compareVersions(version, '1.42') < 0;
      return json(200, await volumes.prune(query.filters(), { namedToo }));
    }),
    del('/volumes/{name}', async ({ params, query }) => {
      await volumes.remove(params.name, { force: query.flag('force') });
      return empty(204);
    }),
  ];
}
