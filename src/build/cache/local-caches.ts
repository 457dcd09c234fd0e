import { isDigest } from '../../shared/digest.js';
import { isJsonObject } from '../../shared/json.js';
import { localCacheInvalid } from '../errors.js';
import type { CacheEntry } from './cache-entry.js';
import { type Descriptor, OciLayout } from './oci-layout.js';

/** The caches of a build that are directories of this computer. */
export interface LocalCaches {
  /** What the engine is told: those that are not there are left out. */
  readonly from: readonly CacheEntry[];
  readonly missing: readonly string[];
  /** By the names that the engine asks for. */
  readonly stores: ReadonlyMap<string, OciLayout>;
  /** Names the manifest that the engine has written, so that the next build finds it. */
  keep(result: ReadonlyMap<string, string>): Promise<void>;
}

/** `type=local` among `--cache-from` and `--cache-to`. Throws LOCAL_CACHE_INVALID, OCI_LAYOUT_INVALID. */
export async function openLocalCaches(
  cacheFrom: readonly CacheEntry[],
  cacheTo: readonly CacheEntry[],
): Promise<LocalCaches> {
  const stores = new Map<string, OciLayout>();
  const open = (directory: string): OciLayout => {
    const store = stores.get(`local:${directory}`) ?? new OciLayout(directory);
    stores.set(`local:${directory}`, store);
    return store;
  };
  const from: CacheEntry[] = [];
  const missing: string[] = [];
  for (const entry of cacheFrom) {
    const found = entry.type === 'local' ? await importOf(entry, open) : entry;
    if (found) from.push(found);
    else missing.push(entry.attributes['src'] ?? '');
  }
  const written = cacheTo.filter(({ type }) => type === 'local').map((entry) => exportOf(entry, open));
  return { from, missing, stores, keep: (result) => keep(written, result.get('cache.manifest')) };
}

type Open = (directory: string) => OciLayout;

/** With the digest of the manifest, by which the engine knows it; undefined where there is none of that name. */
async function importOf(entry: CacheEntry, open: Open): Promise<CacheEntry | undefined> {
  const { src, digest, tag = 'latest' } = entry.attributes;
  if (!src) throw localCacheInvalid('local cache importer requires src');
  const store = open(src);
  if (digest) return entry;
  const manifest = await store.find(tag);
  return manifest && { ...entry, attributes: { ...entry.attributes, digest: manifest.digest } };
}

interface WrittenCache {
  readonly store: OciLayout;
  readonly tag: string;
}

function exportOf({ attributes }: CacheEntry, open: Open): WrittenCache {
  const { dest, tag = 'latest' } = attributes;
  if (!dest) throw localCacheInvalid('local cache exporter requires dest');
  return { store: open(dest), tag };
}

async function keep(caches: readonly WrittenCache[], manifest: string | undefined): Promise<void> {
  const descriptor: unknown = manifest === undefined ? undefined : JSON.parse(manifest);
  if (!isDescriptor(descriptor)) return; // nothing was written: the cache was allowed to fail
  for (const { store, tag } of caches) await store.name(descriptor, tag);
}

function isDescriptor(value: unknown): value is Descriptor {
  return isJsonObject(value) && typeof value['digest'] === 'string' && isDigest(value['digest']);
}
