import { type Digest, isDigest } from '../../../shared/digest.js';
import type { ImportedStep } from '../../build/exec/request.js';
import type { BuildHost, BuildSettings } from '../build-host.js';
import { solveInvalid } from '../errors.js';
import type { Session } from '../session/sessions.js';
import type { CacheEntry } from '../solve/solve-options.js';
import type { BuildStatus } from '../status/build-status.js';
import { fullName } from '../status/step-vertices.js';
import type { Vertex } from '../status/vertex.js';
import { decodeCacheConfig } from './cache-config.js';
import { cacheConfigOf } from './cache-manifest.js';
import type { CachePlace } from './cache-place.js';
import { ClientCache } from './client-cache.js';
import { ClientContent } from './client-content.js';

export interface CacheContext {
  readonly host: BuildHost;
  readonly session: Session;
  readonly status: BuildStatus;
  readonly signal: AbortSignal;
}

type ImportStep = (key: Digest) => Promise<ImportedStep | undefined>;

interface OpenCache {
  readonly place: CachePlace;
  readonly results: ReturnType<typeof decodeCacheConfig>;
}

/**
 * `--cache-from`: what cannot be had is told and passed over. Images that are no caches are fetched where they are not
 * here: their own steps count. Layers of the others come when a step needs them; the places stay open until disposal.
 */
export async function importCaches(
  context: CacheContext,
  entries: readonly CacheEntry[],
  settings: BuildSettings,
  resources: AsyncDisposableStack,
): Promise<ImportStep> {
  const caches: OpenCache[] = [];
  for (const entry of entries) {
    const name = placeName(entry);
    if (entry.Type === 'registry' && (await context.host.has(name))) continue;
    const open = async (vertex: Vertex): Promise<void> => {
      const cache = await openCache(context, entry, settings, { vertex, resources });
      if (cache) caches.push(cache);
    };
    await context.status
      .during(`importing cache manifest from ${entry.Type === 'registry' ? fullName(name) : name}`, open)
      .catch(() => context.signal.throwIfAborted());
  }
  return (key) => importStep(context, caches, key);
}

function placeName({ Type, Attrs }: CacheEntry): string {
  return Type === 'registry' ? (Attrs.get('ref') ?? '') : `local:${Attrs.get('src') ?? ''}`;
}

async function openCache(
  context: CacheContext,
  entry: CacheEntry,
  settings: BuildSettings,
  { vertex, resources }: { readonly vertex: Vertex; readonly resources: AsyncDisposableStack },
): Promise<OpenCache | undefined> {
  const place = resources.use(await placeOf(context, entry, settings));
  const manifest = await place.manifest();
  if (!manifest) throw solveInvalid(`${placeName(entry)}: not found`);
  const config = cacheConfigOf(manifest);
  if (config) return { place, results: decodeCacheConfig(await place.document(config)) };
  if (entry.Type !== 'registry') throw solveInvalid(`${placeName(entry)} has no cache`);
  await context.host.pull(placeName(entry), settings, {
    progress: ({ id }) => id !== undefined && vertex.item(id, {}),
    signal: context.signal,
  });
  return undefined;
}

async function placeOf(
  { host, session, signal }: CacheContext,
  { Type, Attrs }: CacheEntry,
  settings: BuildSettings,
): Promise<CachePlace> {
  if (Type === 'registry') {
    const insecure = Attrs.get('registry.insecure') === 'true';
    return await host.cacheRepository(Attrs.get('ref') ?? '', settings, { write: false, insecure, signal });
  }
  const digest = Attrs.get('digest') ?? '';
  if (!isDigest(digest)) throw solveInvalid('local cache importer requires explicit digest');
  const content = new ClientContent(session, `local:${Attrs.get('src') ?? ''}`, signal);
  return new ClientCache(content, { manifest: digest, layerTar: host.layerTar.bind(host), known: new Map() });
}

async function importStep(
  { host, signal }: CacheContext,
  caches: readonly OpenCache[],
  key: Digest,
): Promise<ImportedStep | undefined> {
  for (const { place, results } of caches) {
    const found = results.get(key);
    if (!found) continue;
    const layers = found.layers.map(({ diffId, blob }) => ({ diffId, open: () => place.open(blob) }));
    try {
      const held = await host.takeLayers(layers, signal);
      return { config: found.config, [Symbol.asyncDispose]: async () => held[Symbol.asyncDispose]() };
    } catch {
      signal.throwIfAborted(); // the step is made anew
    }
  }
  return undefined;
}
