import type {
  VolumeCreateRequest,
  VolumeListResponse,
  VolumePruneResponse,
  VolumeResource,
} from '../volume.js';
import type { Pruned } from './container-actions.js';
import { encodeFilters } from './containers.js';
import type { EngineClient } from './engine-client.js';
import type { Filters } from './types.js';

export interface NewVolume {
  /** Empty: the engine makes one up. */
  readonly Name: string;
  readonly Driver: string;
  readonly DriverOpts: Readonly<Record<string, string>>;
  readonly Labels: Readonly<Record<string, string>>;
}

export async function listVolumes(
  client: EngineClient,
  filters: Filters,
  signal?: AbortSignal,
): Promise<readonly VolumeResource[]> {
  const query = { filters: encodeFilters(filters) };
  const { Volumes } = await client.json<Partial<VolumeListResponse>>({
    method: 'GET',
    path: '/volumes',
    query,
    signal,
  });
  return Volumes ?? [];
}

export async function createVolume(
  client: EngineClient,
  body: VolumeCreateRequest,
  signal?: AbortSignal,
): Promise<VolumeResource> {
  return client.json({ method: 'POST', path: '/volumes/create', body, signal });
}

export async function inspectVolume(
  client: EngineClient,
  name: string,
  signal?: AbortSignal,
): Promise<VolumeResource> {
  return client.json({ method: 'GET', path: volumePath(name), signal });
}

export async function removeVolume(
  client: EngineClient,
  name: string,
  options: { readonly force: boolean },
  signal?: AbortSignal,
): Promise<void> {
  await client.json({ method: 'DELETE', path: volumePath(name), query: options, signal });
}

export async function pruneVolumes(
  client: EngineClient,
  filters: Filters,
  signal?: AbortSignal,
): Promise<Pruned> {
  const query = { filters: encodeFilters(filters) };
  const answer = await client.json<Partial<VolumePruneResponse>>({
    ...{ method: 'POST', path: '/volumes/prune', query, signal, timeoutMs: Infinity },
  });
  return { deleted: answer.VolumesDeleted ?? [], reclaimed: answer.SpaceReclaimed ?? 0 };
}

function volumePath(name: string): string {
  return `/volumes/${encodeURIComponent(name)}`;
}
