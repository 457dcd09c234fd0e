import { type Digest, digestHex, digestOf } from '../../../shared/digest.js';
import { isJsonObject } from '../../../shared/json.js';
import type { Logger } from '../../../shared/logger.js';
import { decodeImageConfig, diffIdsOf } from '../../image/decode-image-config.js';
import type { ImageConfig } from '../../image/image-config.js';
import type { ImageStore } from '../../image/image-store.js';
import { chainIdsOf } from '../../layer/chain-id.js';
import type { LayerStore } from '../../layer/layer-store.js';
import { JsonStore } from '../../state/json-store.js';

/** What a step has made of what was before it. */
interface StepRecord {
  readonly config: ImageConfig;
  /** The instruction, for `docker system df -v`. */
  readonly source: string;
  readonly createdAt: string;
}

export interface CachedStep {
  readonly key: Digest;
  readonly source: string;
  readonly createdAt: string;
  /** Since the agent's start, else the creation's. */
  readonly lastUsedAt: string;
  readonly uses: number;
  readonly size: number;
  readonly inUse: boolean;
}

interface Entry {
  readonly record: StepRecord;
  readonly hold: AsyncDisposable;
  readonly size: number;
  readonly topLayer: Digest | undefined;
  lastUsedAt: string;
  uses: number;
}

export interface StepCacheOptions {
  readonly root: string;
  readonly images: ImageStore;
  readonly layers: LayerStore;
  readonly logger: Logger;
}

/**
 * Results of build steps by what they depend on: the image before, the instruction, its arguments, the files it
 * takes. It keeps their layers. Call `load` before unused layers are removed.
 */
export class StepCache {
  readonly #options: StepCacheOptions;
  readonly #records: JsonStore<StepRecord>;
  readonly #entries = new Map<Digest, Entry>();

  constructor(options: StepCacheOptions) {
    this.#options = options;
    this.#records = new JsonStore({ directory: options.root, decode: decodeRecord, logger: options.logger });
  }

  async load(): Promise<void> {
    for (const [hex, record] of await this.#records.list()) {
      if (await this.#isWhole(record)) await this.#add(`sha256:${hex}`, record);
      else await this.#records.delete(hex);
    }
  }

  get(key: Digest): ImageConfig | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    entry.uses++;
    entry.lastUsedAt = new Date().toISOString();
    return entry.record.config;
  }

  /** The layers must be held until this is done. */
  async put(key: Digest, config: ImageConfig, source: string): Promise<void> {
    const record = { config, source, createdAt: new Date().toISOString() };
    const before = this.#entries.get(key);
    await this.#add(key, record);
    await before?.hold[Symbol.asyncDispose]();
    try {
      await this.#records.put(digestHex(key), record);
    } catch (error) {
      await this.remove(key); // what is not remembered keeps no layer: the disk may be full
      throw error;
    }
  }

  list(isUsedByImage: (topLayer: Digest) => boolean): readonly CachedStep[] {
    return [...this.#entries].map(([key, { record, size, topLayer, lastUsedAt, uses }]) => ({
      ...{ key, source: record.source, createdAt: record.createdAt, lastUsedAt, uses, size },
      inUse: topLayer !== undefined && isUsedByImage(topLayer),
    }));
  }

  async remove(key: Digest): Promise<void> {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    await this.#records.delete(digestHex(key));
    await entry.hold[Symbol.asyncDispose]();
  }

  async #add(key: Digest, record: StepRecord): Promise<void> {
    const { images, layers } = this.#options;
    const chain = chainIdsOf(diffIdsOf(record.config));
    const last = record.config.history?.at(-1);
    const topLayer = last?.empty_layer ? undefined : chain.at(-1);
    const size = topLayer === undefined ? 0 : await layers.size(topLayer);
    const hold = images.hold(chain);
    this.#entries.set(key, { record, hold, size, topLayer, lastUsedAt: record.createdAt, uses: 0 });
  }

  async #isWhole({ config }: StepRecord): Promise<boolean> {
    const chain = chainIdsOf(diffIdsOf(config));
    const found = await Promise.all(chain.map((id) => this.#options.layers.has(id)));
    return found.every(Boolean);
  }
}

/** One key of all that a result depends on. */
export function stepKey(parts: readonly unknown[]): Digest {
  return digestOf(JSON.stringify(parts));
}

function decodeRecord(value: unknown): StepRecord {
  if (!isJsonObject(value)) throw new TypeError('a step record is an object');
  const { config, source, createdAt } = value;
  if (typeof source !== 'string' || typeof createdAt !== 'string')
    throw new TypeError('a step record has a source');
  return { config: decodeImageConfig(Buffer.from(JSON.stringify(config))), source, createdAt };
}
