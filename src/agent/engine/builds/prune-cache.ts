import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { CachedStep, StepCache } from '../../build/cache/step-cache.js';
import type { CacheUsage } from '../../buildkit/build-host.js';
import { diffIdsOf } from '../../image/decode-image-config.js';
import type { ImageStore } from '../../image/image-store.js';
import { chainIdsOf } from '../../layer/chain-id.js';
import type { ContainerContext } from '../containers/context.js';
import { type CacheCondition, cacheFilter, cacheId } from './cache-filter.js';

interface CacheContext {
  readonly containers: ContainerContext;
  readonly cache: StepCache;
  readonly directory: string;
}

/** `BuildCache` of `GET /system/df`. */
export async function listBuildCache(context: CacheContext): Promise<readonly object[]> {
  const records = await listCacheUsage(context);
  return records.map(({ id, description, size, inUse, shared, createdAt, lastUsedAt, uses }) => ({
    ...{ ID: id, Type: 'regular', Description: description, InUse: inUse, Shared: shared, Size: size },
    ...{ CreatedAt: createdAt, LastUsedAt: lastUsedAt, UsageCount: uses },
  }));
}

export async function listCacheUsage(
  { containers, cache }: CacheContext,
  conditions: readonly CacheCondition[] = [],
): Promise<readonly CacheUsage[]> {
  const steps = cache.list(await layersOfImages(containers.images));
  return steps.filter(cacheFilter(conditions)).map((step) => {
    const { source, size, inUse, createdAt, lastUsedAt, uses } = step;
    return {
      ...{ id: cacheId(step), description: source, size, createdAt, lastUsedAt, uses },
      ...{ inUse: false, shared: inUse },
    };
  });
}

export interface PruneCacheOptions {
  /** Also steps that an image is built upon, and the contents of RUN --mount=type=cache. */
  readonly all: boolean;
  /** Bytes of the cache that may stay: what was used last. */
  readonly keep?: number;
}

export async function pruneBuildCache(
  { containers, cache, directory }: CacheContext,
  conditions: readonly CacheCondition[],
  { all, keep = 0 }: PruneCacheOptions,
): Promise<{ readonly CachesDeleted: readonly string[]; readonly SpaceReclaimed: number }> {
  const test = cacheFilter(conditions);
  const steps = cache.list(await layersOfImages(containers.images));
  const gone = exceeding(steps, keep).filter((step) => (all || !step.inUse) && test(step));
  for (const { key } of gone) await cache.remove(key);
  if (all && conditions.length === 0 && keep === 0) await removeMounts(join(directory, 'mounts'));
  const freed = gone.reduce((sum, { size, inUse }) => sum + (inUse ? 0 : size), 0);
  containers.events.publish({
    ...{ type: 'builder', action: 'prune', id: '', attributes: { reclaimed: String(freed) } },
  });
  return { CachesDeleted: gone.map(cacheId), SpaceReclaimed: freed };
}

/** What is too much, when what was used last is kept. */
function exceeding(steps: readonly CachedStep[], keep: number): readonly CachedStep[] {
  if (keep === 0) return steps;
  let kept = 0;
  return steps
    .toSorted((a, b) => (a.lastUsedAt < b.lastUsedAt ? 1 : -1))
    .filter(({ size }) => {
      kept += size;
      return kept > keep;
    });
}

async function layersOfImages(images: ImageStore): Promise<(chainId: string) => boolean> {
  const used = new Set<string>();
  for (const { config } of await images.list()) {
    for (const chainId of chainIdsOf(diffIdsOf(config))) used.add(chainId);
  }
  return (chainId) => used.has(chainId);
}

async function removeMounts(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  for (const name of names) await rm(join(directory, name), { recursive: true, force: true });
}
