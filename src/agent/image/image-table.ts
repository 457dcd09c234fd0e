import type { Digest } from '../../shared/digest.js';
import { errorMessage, isTsmachineError } from '../../shared/errors.js';
import type { Logger } from '../../shared/logger.js';
import { chainIdsOf } from '../layer/chain-id.js';
import type { LayerStore } from '../layer/layer-store.js';
import type { ContentStore } from './content-store.js';
import { decodeImageConfig, diffIdsOf } from './decode-image-config.js';
import { digestTaken, layersMissing } from './errors.js';
import { ImageIndex, type StoredImage, withoutTagOfDigest } from './image-index.js';
import { type ImageRecord, ImageRecords } from './image-records.js';
import { formatReference, type Reference } from './reference.js';

export interface ImageTableOptions {
  readonly root: string;
  readonly layers: LayerStore;
  readonly content: ContentStore;
  readonly logger: Logger;
}

/** Images and their names on the disk, and the index that is read from them. Callers see to it that one writes at a time. */
export class ImageTable {
  readonly index = new ImageIndex();
  readonly #layers: LayerStore;
  readonly #content: ContentStore;
  readonly #logger: Logger;
  readonly #records: ImageRecords;
  #loaded: Promise<void> | undefined;

  constructor({ root, layers, content, logger }: ImageTableOptions) {
    this.#layers = layers;
    this.#content = content;
    this.#logger = logger;
    this.#records = new ImageRecords(root, logger);
  }

  /** At start: removes what was half-written. */
  async recover(): Promise<void> {
    await this.#records.recover();
  }

  /** Reads what is on the disk, once. An image that is not whole is dropped, and so are its names. */
  load(): Promise<void> {
    this.#loaded ??= this.#readRecords();
    return this.#loaded;
  }

  /** Answers an image that is there already, or makes it visible. Throws IMAGE_LAYERS_MISSING. */
  async put(record: ImageRecord, configBlob: Uint8Array): Promise<{ image: StoredImage; isNew: boolean }> {
    const known = this.index.images.get(record.id);
    if (known) return { image: known, isNew: false };
    const image = await this.#read(record, configBlob);
    await this.#records.put(record);
    this.index.images.set(record.id, image);
    return { image, isNew: true };
  }

  /** Remembers when it was given a name. */
  async setTagTime(id: Digest, taggedAt: string): Promise<void> {
    const image = this.index.images.get(id);
    if (!image) return;
    const { parent } = image;
    await this.#records.put({ id, ...(parent && { parent }), taggedAt });
    this.index.images.set(id, { ...image, taggedAt });
  }

  /** Its config goes too; its layers stay. */
  async delete(id: Digest): Promise<void> {
    await this.#records.delete(id);
    this.index.images.delete(id);
    await this.#content.remove(id);
  }

  /** Docker overwrites a tag, never a digest. */
  async setNames(id: Digest, references: readonly Reference[]): Promise<void> {
    const names = new Map(this.index.references);
    for (const reference of references) {
      const name = formatReference(withoutTagOfDigest(reference));
      const holder = names.get(name);
      if (reference.digest && holder && holder !== id) throw digestTaken(reference.digest);
      names.set(name, id);
    }
    const isChanged = [...names].some(([name, holder]) => this.index.references.get(name) !== holder);
    if (isChanged) await this.#replaceNames(names);
  }

  /** By whole reference. */
  async removeNames(gone: ReadonlySet<string>): Promise<void> {
    if (gone.size === 0) return;
    await this.#replaceNames(new Map([...this.index.references].filter(([each]) => !gone.has(each))));
  }

  async #replaceNames(names: ReadonlyMap<string, Digest>): Promise<void> {
    await this.#records.putReferences(names);
    this.index.references = names;
  }

  async #readRecords(): Promise<void> {
    for (const record of await this.#records.images()) {
      try {
        const image = await this.#read(record, await this.#content.get(record.id));
        this.index.images.set(record.id, image);
      } catch (error) {
        if (!isTsmachineError(error)) throw error; // not the image's fault
        this.#logger.error('damaged image is dropped', { id: record.id, reason: errorMessage(error) });
        await this.#records.delete(record.id);
      }
    }
    const names = await this.#records.references();
    this.index.references = new Map([...names].filter(([, id]) => this.index.images.has(id)));
  }

  async #read(record: ImageRecord, blob: Uint8Array): Promise<StoredImage> {
    const config = decodeImageConfig(blob);
    const chainIds = chainIdsOf(diffIdsOf(config));
    let size = 0;
    for (const chainId of chainIds) {
      if (!(await this.#layers.has(chainId))) throw layersMissing(record.id);
      size += await this.#layers.size(chainId);
    }
    const { id, parent, taggedAt } = record;
    return { id, config, size, chainIds, chainId: chainIds.at(-1), parent, taggedAt };
  }
}
