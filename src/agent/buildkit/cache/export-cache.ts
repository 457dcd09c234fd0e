import { type Digest, digestOf } from '../../../shared/digest.js';
import { errorMessage } from '../../../shared/errors.js';
import { continues } from '../../build/cache/cache-from.js';
import type { BuiltImage, BuiltStep } from '../../build/exec/request.js';
import { diffIdsOf } from '../../image/decode-image-config.js';
import { chainIdsOf } from '../../layer/chain-id.js';
import type { BuildSettings } from '../build-host.js';
import { solveInvalid, solveUnsupported } from '../errors.js';
import type { CacheEntry } from '../solve/solve-options.js';
import type { Vertex } from '../status/vertex.js';
import { type CachedLayer, encodeCacheConfig } from './cache-config.js';
import { encodeCacheManifest } from './cache-manifest.js';
import type { Blob, CachePlace, WrittenLayer } from './cache-place.js';
import { ClientCache } from './client-cache.js';
import { ClientContent } from './client-content.js';
import type { CacheContext } from './import-caches.js';

type Login = Pick<BuildSettings, 'credentials'>;

/** Refuses what cannot be done before anything is built. Throws SOLVE_UNSUPPORTED, SOLVE_INVALID. */
export function checkCacheExports(entries: readonly CacheEntry[]): void {
  for (const { Type, Attrs } of entries) {
    if (!titles.has(Type)) throw solveUnsupported(`a cache of type ${JSON.stringify(Type)} ("cache-to")`);
    const mode = Attrs.get('mode');
    if (mode && mode !== 'min' && mode !== 'max') throw solveInvalid(`invalid cache export mode: ${mode}`);
    const compression = Attrs.get('compression');
    if (compression && compression !== 'gzip')
      throw solveUnsupported(`the compression ${JSON.stringify(compression)} of a cache`);
    if (Type === 'registry' && !Attrs.get('ref')) throw solveInvalid('registry cache exporter requires ref');
    if (Type === 'local' && !Attrs.get('dest')) throw solveInvalid('local cache exporter requires dest');
  }
}

/** An inline cache is the image itself: its history and layers tell all. */
const titles: ReadonlyMap<string, string | undefined> = new Map([
  ['inline', undefined],
  ['local', 'exporting cache to client directory'],
  ['registry', 'exporting cache to registry'],
]);

/** `--cache-to`: the steps of the result, or with `mode=max` those of all stages. Answers what the client is told. */
export async function exportCaches(
  context: CacheContext,
  image: BuiltImage,
  entries: readonly CacheEntry[],
  options: { readonly login: Login; readonly known: Map<Digest, Blob> },
): Promise<ReadonlyMap<string, string>> {
  const response = new Map<string, string>();
  for (const entry of entries) {
    const title = titles.get(entry.Type);
    if (title === undefined) continue;
    const write = async (vertex: Vertex): Promise<void> => {
      using place = await placeOf(context, entry, options);
      response.set('cache.manifest', await writeCache(place, image, entry, vertex));
    };
    await context.status.during(title, write).catch((error) => {
      context.signal.throwIfAborted();
      if (entry.Attrs.get('ignore-error') !== 'true') throw error;
      context.status.warn(`the cache was not exported: ${errorMessage(error)}`);
    });
  }
  return response;
}

async function placeOf(
  { host, session, signal }: CacheContext,
  { Type, Attrs }: CacheEntry,
  { login, known }: { readonly login: Login; readonly known: Map<Digest, Blob> },
): Promise<CachePlace> {
  if (Type === 'registry') {
    const insecure = Attrs.get('registry.insecure') === 'true';
    return await host.cacheRepository(Attrs.get('ref') ?? '', login, { write: true, insecure, signal });
  }
  const content = new ClientContent(session, `local:${Attrs.get('dest') ?? ''}`, signal);
  return new ClientCache(content, { layerTar: host.layerTar.bind(host), known });
}

/** Answers the manifest's descriptor. */
async function writeCache(
  place: CachePlace,
  image: BuiltImage,
  { Attrs }: CacheEntry,
  vertex: Vertex,
): Promise<string> {
  const isMax = Attrs.get('mode') === 'max';
  const steps = image.steps.filter(({ config }) => isMax || continues(image.config, config));
  vertex.item('preparing build cache for export', { done: true });
  const layers = layersOf(steps);
  const blobs = await place.writeLayers(layers);
  const written = new Map<Digest, CachedLayer>();
  for (const [index, { chainId, diffId }] of layers.entries()) {
    const blob = blobs[index];
    if (!blob) continue;
    vertex.item(`writing layer ${blob.digest}`, { done: true });
    written.set(chainId, { diffId, blob });
  }
  const config = encodeCacheConfig(steps, written);
  await place.writeDocument(config);
  vertex.item(`writing config ${digestOf(config)}`, { done: true });
  const oci = Attrs.get('oci-mediatypes') !== 'false';
  const asImage = Attrs.get('image-manifest') === undefined ? oci : Attrs.get('image-manifest') === 'true';
  const { type, content } = encodeCacheManifest(blobs, config, { asImage, oci });
  await place.writeManifest(type, content);
  const digest = digestOf(content);
  vertex.item(`writing cache ${asImage ? 'image manifest' : 'manifest list'} ${digest}`, { done: true });
  return JSON.stringify({ mediaType: type, digest, size: content.length });
}

/** Each once, the lower before the higher. */
function layersOf(steps: readonly BuiltStep[]): readonly WrittenLayer[] {
  const layers = new Map<Digest, WrittenLayer>();
  for (const { config } of steps) {
    const diffIds = diffIdsOf(config);
    for (const [index, chainId] of chainIdsOf(diffIds).entries()) {
      const diffId = diffIds[index];
      if (diffId) layers.set(chainId, { chainId, diffId });
    }
  }
  return [...layers.values()];
}
