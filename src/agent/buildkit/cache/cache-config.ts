import { type Digest, isDigest } from '../../../shared/digest.js';
import { isJsonObject, type JsonObject } from '../../../shared/json.js';
import type { BuiltStep } from '../../build/exec/request.js';
import { decodeImageConfig, diffIdsOf } from '../../image/decode-image-config.js';
import type { ImageConfig } from '../../image/image-config.js';
import { chainIdsOf } from '../../layer/chain-id.js';
import { solveInvalid } from '../errors.js';
import type { Blob } from './cache-place.js';

/** Of buildkit's cache/remotecache/v1/spec.go; a record has the result's configuration beside what stands there. */
export const cacheConfigType = 'application/vnd.buildkit.cacheconfig.v0';

export interface CachedLayer {
  readonly diffId: Digest;
  readonly blob: Blob;
}

export interface CachedResult {
  readonly config: ImageConfig;
  /** Lowest first. */
  readonly layers: readonly CachedLayer[];
}

/** `blobs` by the layers' chain IDs. What the steps were made upon are records without a result. */
export function encodeCacheConfig(
  steps: readonly BuiltStep[],
  blobs: ReadonlyMap<Digest, CachedLayer>,
): Buffer {
  const layers = new LayerTable(blobs);
  const places = new Map<Digest, number>();
  const records: object[] = [];
  const add = (key: Digest, record: object): void => {
    places.set(key, records.length);
    records.push(record);
  };
  for (const { key, parent, config, source } of steps) {
    if (places.has(key)) continue;
    if (parent !== undefined && !places.has(parent)) add(parent, { digest: parent });
    const top = layers.add(config);
    const CreatedAt = config.created ?? new Date(0).toISOString();
    add(key, {
      digest: key,
      ...(parent !== undefined && { inputs: [[{ link: places.get(parent) }]] }),
      ...(top !== undefined && { layers: [{ layer: top, createdAt: CreatedAt }] }),
      ...{ source, config },
    });
  }
  return Buffer.from(JSON.stringify({ layers: layers.entries, records }));
}

class LayerTable {
  readonly entries: object[] = [];
  readonly #places = new Map<Digest, number>();
  readonly #blobs: ReadonlyMap<Digest, CachedLayer>;

  constructor(blobs: ReadonlyMap<Digest, CachedLayer>) {
    this.#blobs = blobs;
  }

  /** Answers the place of the uppermost; undefined where there is none. */
  add(config: ImageConfig): number | undefined {
    let place: number | undefined;
    for (const chainId of chainIdsOf(diffIdsOf(config))) place = this.#place(chainId, place);
    return place;
  }

  #place(chainId: Digest, parent = -1): number {
    const known = this.#places.get(chainId);
    if (known !== undefined) return known;
    const layer = this.#blobs.get(chainId);
    if (!layer) throw new Error(`the layer ${chainId} was not written`);
    const { diffId, blob } = layer;
    const annotations = { mediaType: gzipLayer, diffID: diffId, size: blob.size };
    this.#places.set(chainId, this.entries.length);
    this.entries.push({ blob: blob.digest, parent, annotations });
    return this.entries.length - 1;
  }
}

export const gzipLayer = 'application/vnd.oci.image.layer.v1.tar+gzip';

/** Results by their steps' keys. Records of other builders, which have no configuration, are passed over. */
export function decodeCacheConfig(content: Buffer): ReadonlyMap<Digest, CachedResult> {
  const value = parse(content);
  const layers = listOf(value['layers']).map(decodeLayer);
  const results = new Map<Digest, CachedResult>();
  for (const record of listOf(value['records'])) {
    const { digest, config, layers: found } = record;
    if (typeof digest !== 'string' || !isDigest(digest) || !isJsonObject(config)) continue;
    const decoded = decodeImageConfig(Buffer.from(JSON.stringify(config)));
    const top = listOf(found)[0]?.['layer'];
    const chain = chainOf(layers, top === undefined ? undefined : Number(top));
    const isWhole = diffIdsOf(decoded).join() === chain.map(({ diffId }) => diffId).join();
    if (!isWhole)
      throw solveInvalid('the cache has a result whose layers are not those of its configuration');
    results.set(digest, { config: decoded, layers: chain });
  }
  return results;
}

type PlacedLayer = CachedLayer & { readonly parent: number };

function decodeLayer({ blob, parent = 0, annotations }: JsonObject): PlacedLayer {
  const { diffID, size } = isJsonObject(annotations) ? annotations : {};
  const isLayer =
    typeof blob === 'string' && isDigest(blob) && typeof diffID === 'string' && isDigest(diffID);
  if (!isLayer || typeof parent !== 'number' || typeof size !== 'number')
    throw solveInvalid('the cache has a layer without its digests');
  return { diffId: diffID, blob: { digest: blob, size }, parent };
}

function chainOf(layers: readonly PlacedLayer[], top: number | undefined): readonly CachedLayer[] {
  const chain: CachedLayer[] = [];
  for (let at = top ?? -1; at >= 0; ) {
    const layer = layers[at];
    if (!layer || layer.parent >= at) throw solveInvalid('the cache has a layer upon none that is before it');
    chain.unshift(layer);
    at = layer.parent;
  }
  return chain;
}

function listOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function parse(content: Buffer): JsonObject {
  try {
    const value: unknown = JSON.parse(content.toString('utf8'));
    if (isJsonObject(value)) return value;
  } catch {
    // told below
  }
  throw solveInvalid('the configuration of the cache is not a JSON object');
}
