import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Filters } from '../../../api/filters.js';
import { digestHex } from '../../../shared/digest.js';
import type { CachedStep, StepCache } from '../../build/cache/step-cache.js';
import type { CacheUsage } from '../../buildkit/build-host.js';
import { diffIdsOf } from '../../image/decode-image-config.js';
import type { ImageStore } from '../../image/image-store.js';
import { chainIdsOf } from '../../layer/chain-id.js';
import type { ContainerContext } from '../containers/context.js';
import { parseTime } from '../containers/logs.js';
import { invalidFilter } from '../errors.js';

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

export async function listCacheUsage({ containers, cache }: CacheContext): Promise<readonly CacheUsage[]> {
  const steps = cache.list(await layersOfImages(containers.images));
  return steps.map(({ key, source, size, inUse, createdAt, lastUsedAt, uses }) => ({
    ...{ id: digestHex(key).slice(0, 25), description: source, size, createdAt, lastUsedAt, uses },
    ...{ inUse: false, shared: inUse },
  }));
}

/** Without `all` only steps that no image is built upon; with it the contents of RUN --mount=type=cache, too. */
export async function pruneBuildCache(
  { containers, cache, directory }: CacheContext,
  filters: Filters,
  { all }: { readonly all: boolean },
): Promise<{ readonly CachesDeleted: readonly string[]; readonly SpaceReclaimed: number }> {
  const test = stepFilter(filters);
  const steps = cache.list(await layersOfImages(containers.images));
  const gone = steps.filter((step) => (all || !step.inUse) && test(step));
  for (const { key } of gone) await cache.remove(key);
  if (all && filters.size === 0) await removeMounts(join(directory, 'mounts'));
  const freed = gone.reduce((sum, { size, inUse }) => sum + (inUse ? 0 : size), 0);
  containers.events.publish({
    ...{ type: 'builder', action: 'prune', id: '', attributes: { reclaimed: String(freed) } },
  });
  return { CachesDeleted: gone.map(({ key }) => digestHex(key).slice(0, 25)), SpaceReclaimed: freed };
}

function stepFilter(filters: Filters): (step: CachedStep) => boolean {
  const tests = [...filters].map(([name, values]): ((step: CachedStep) => boolean) => {
    if (name !== 'until' && name !== 'unused-for') throw invalidFilter(name);
    const limits = [...values].map((value) => Number((parseTime(value) ?? 0n) / 1_000_000n));
    return ({ lastUsedAt }) => limits.every((limit) => Date.parse(lastUsedAt) < limit);
  });
  return (step) => tests.every((test) => test(step));
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
