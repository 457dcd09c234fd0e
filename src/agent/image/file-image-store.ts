import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { decompress } from '../../shared/decompress.js';
import type { Digest } from '../../shared/digest.js';
import { errorMessage, isTsmachineError } from '../../shared/errors.js';
import { KeyedMutex } from '../../shared/keyed-mutex.js';
import { type Logger, silentLogger } from '../../shared/logger.js';
import { formatNanoTime, nowNanos } from '../../shared/nanotime.js';
import { chainIdsOf } from '../layer/chain-id.js';
import type { LayerStore } from '../layer/layer-store.js';
import type { ArchivedImage } from './archived-image.js';
import type { ContentStore } from './content-store.js';
import { decodeImageConfig, diffIdsOf } from './decode-image-config.js';
import { digestTaken, layersMissing, tagRefused } from './errors.js';
import { readImageArchive } from './image-archive.js';
import { ImageIndex, type StoredImage, withoutTagOfDigest } from './image-index.js';
import { ImageRecords } from './image-records.js';
import { planRemoval } from './image-removal.js';
import type {
  Image,
  ImageStore,
  ImportOptions,
  RegisterImage,
  RemovedImage,
  RemoveImageOptions,
} from './image-store.js';
import { LayerLeases } from './layer-leases.js';
import { applyLayers, unpackArchive } from './load-archive.js';
import {
  familiarReference,
  formatReference,
  parseReference,
  type Reference,
  withDefaultTag,
} from './reference.js';
import { importedConfig, spool } from './root-archive.js';
import { type SavedImage, saveArchive } from './save-archive.js';
import { savedImages } from './saved-images.js';

export interface FileImageStoreOptions {
  readonly root: string;
  readonly layers: LayerStore;
  readonly content: ContentStore;
  /** Docker's name of this host's architecture, for archives that hold several; default: this process's. */
  readonly architecture?: string;
  readonly logger?: Logger;
}

/**
 * Images in files: config blobs in the content store, records and names below the root, layers in the layer
 * store. An image becomes visible with its record, written after its layers and its config are there. One process
 * owns the root.
 */
export class FileImageStore implements ImageStore {
  readonly #root: string;
  readonly #layers: LayerStore;
  readonly #content: ContentStore;
  readonly #architecture: string;
  readonly #logger: Logger;
  readonly #records: ImageRecords;
  readonly #index = new ImageIndex();
  readonly #leases: LayerLeases;
  readonly #mutex = new KeyedMutex();
  #loaded: Promise<void> | undefined;

  constructor(options: FileImageStoreOptions) {
    this.#root = options.root;
    this.#layers = options.layers;
    this.#content = options.content;
    this.#architecture = options.architecture ?? dockerArchitecture(process.arch);
    this.#logger = options.logger ?? silentLogger;
    this.#records = new ImageRecords(options.root, this.#logger);
    this.#leases = new LayerLeases(options.layers, (chainId) =>
      [...this.#index.images.values()].some((image) => image.chainIds.includes(chainId)),
    );
  }

  async resolve(name: string): Promise<Image> {
    await this.#load();
    return this.#index.withNames(this.#index.resolve(name));
  }

  async list(): Promise<readonly Image[]> {
    await this.#load();
    return [...this.#index.images.values()].map((image) => this.#index.withNames(image));
  }

  /** The config blob, byte by byte as it came. */
  async configBlob(id: Digest): Promise<Buffer> {
    return this.#content.get(id);
  }

  /** The image that this one was built upon on this host. */
  async parentOf(id: Digest): Promise<Digest | undefined> {
    await this.#load();
    return this.#index.images.get(id)?.parent;
  }

  async tag(name: string, reference: string): Promise<void> {
    await this.#load();
    const image = this.#index.resolve(name);
    const target = withDefaultTag(parseReference(reference));
    if (target.digest) throw tagRefused('refusing to create a tag with a digest reference');
    if (familiarReference(target).startsWith('sha256:')) {
      throw tagRefused('refusing to create an ambiguous tag using digest algorithm as name');
    }
    await this.#mutex.run('names', () => this.#setNames(image.id, [target]));
  }

  async remove(name: string, options: RemoveImageOptions): Promise<RemovedImage> {
    await this.#load();
    return this.#mutex.run('names', async () => {
      const plan = planRemoval(this.#index, name, options);
      const gone = new Set(plan.untag.map(formatReference));
      if (gone.size > 0) {
        await this.#replaceNames(new Map([...this.#index.references].filter(([each]) => !gone.has(each))));
      }
      const deleted: string[] = [];
      for (const image of plan.remove) deleted.push(...(await this.#delete(image)));
      await this.#leases.removeOrphans();
      return { untagged: plan.untag.map(familiarReference), deleted };
    });
  }

  async load(tar: Readable, signal?: AbortSignal): Promise<readonly string[]> {
    await this.#load();
    return this.#withTemporary(async (directory) => {
      const files = await unpackArchive(tar, directory, signal);
      const images = await readImageArchive(files, this.#architecture);
      await using _lease = this.hold(images.flatMap((image) => chainIdsOf(diffIdsOf(image.config))));
      for (const image of images) await applyLayers(this.#layers, image, signal); // all before the first is visible
      const lines: string[] = [];
      for (const image of images) lines.push(...(await this.#registerLoaded(image)));
      return lines;
    });
  }

  async save(names: readonly string[], only?: ReadonlySet<Digest>): Promise<AsyncGenerator<Buffer>> {
    await this.#load();
    return this.#saved(await savedImages(this.#index, this.#content, names), only);
  }

  /** The digest that a registry knows the image by, unless another image has it. */
  async addDigest(id: Digest, reference: Reference): Promise<void> {
    await this.#load();
    await this.#mutex.run('names', async () => {
      const holder = this.#index.references.get(formatReference(reference));
      if (!holder && this.#index.images.has(id)) await this.#setNames(id, [reference]);
    });
  }

  async import(tar: Readable, options: ImportOptions, signal?: AbortSignal): Promise<Digest> {
    const references = this.parseNewName(options.reference);
    importedConfig('sha256:', options, ''); // refuses bad changes before the work
    return this.#withTemporary(async (directory) => {
      const path = join(directory, 'root.tar');
      const diffId = await spool(await decompress(tar), path, signal);
      const config = importedConfig(diffId, options, formatNanoTime(nowNanos()));
      await using _lease = this.hold([diffId]);
      await this.#layers.apply(createReadStream(path, { highWaterMark }), diffId, undefined, signal);
      const image = await this.register({ configBlob: Buffer.from(JSON.stringify(config)), references });
      return image.id;
    });
  }

  parseNewName(name: string | undefined): readonly Reference[] {
    if (name === undefined || name === '') return [];
    const reference = withDefaultTag(parseReference(name));
    if (reference.digest) throw tagRefused('cannot import digest reference');
    return [reference];
  }

  async register(input: RegisterImage): Promise<Image> {
    await this.#load();
    return this.#mutex.run('names', async () => {
      const id = await this.#content.put(input.configBlob);
      const known = this.#index.images.get(id);
      const record = { id, ...(input.parent && { parent: input.parent }) };
      const image = known ?? (await this.#read(record, input.configBlob));
      if (!known) {
        await this.#records.put(record);
        this.#index.images.set(id, image);
      }
      try {
        await this.#setNames(id, input.references);
      } catch (error) {
        if (!known) await this.#delete(image);
        throw error;
      }
      return this.#index.withNames(image);
    });
  }

  hold(chainIds: readonly Digest[]): AsyncDisposable {
    return this.#leases.hold(chainIds);
  }

  /** At start, after the layer store's: removes what was half-made and layers that nothing needs. */
  async recover(): Promise<void> {
    await rm(join(this.#root, 'tmp'), { recursive: true, force: true });
    await this.#content.recover();
    await this.#load();
    for (const digest of await this.#content.list()) {
      if (!this.#index.images.has(digest)) await this.#content.remove(digest);
    }
    const unused = new Set(await this.#layers.list());
    for (let before = -1; before !== unused.size; ) {
      before = unused.size; // a parent can go only after its children
      for (const removed of await this.#leases.removeUnused([...unused])) unused.delete(removed);
    }
  }

  async *#saved(
    images: readonly SavedImage[],
    only: ReadonlySet<Digest> | undefined,
  ): AsyncGenerator<Buffer> {
    await using _lease = this.hold(images.flatMap(({ layers }) => layers.map(({ chainId }) => chainId)));
    yield* saveArchive(this.#layers, images, only);
  }

  async #registerLoaded(image: ArchivedImage): Promise<string[]> {
    const { id, previous } = await this.#registerTagged(image);
    if (image.tags.length === 0) return [`Loaded image ID: ${id}`];
    return image.tags.flatMap((tag) => {
      const name = familiarReference(tag);
      const old = previous.get(formatReference(tag));
      const moved = `The image ${name} already exists, renaming the old one with ID ${old} to empty string`;
      return [...(old && old !== id ? [moved] : []), `Loaded image: ${name}`];
    });
  }

  async #registerTagged(
    image: ArchivedImage,
  ): Promise<{ id: Digest; previous: ReadonlyMap<string, Digest> }> {
    const previous = this.#index.references;
    const { id } = await this.register({ configBlob: image.configBlob, references: image.tags });
    return { id, previous };
  }

  /** Docker overwrites a tag, never a digest. */
  async #setNames(id: Digest, references: readonly Reference[]): Promise<void> {
    const names = new Map(this.#index.references);
    for (const reference of references) {
      const name = formatReference(withoutTagOfDigest(reference));
      const holder = names.get(name);
      if (reference.digest && holder && holder !== id) throw digestTaken(reference.digest);
      names.set(name, id);
    }
    const isChanged = [...names].some(([name, holder]) => this.#index.references.get(name) !== holder);
    if (isChanged) await this.#replaceNames(names);
  }

  async #replaceNames(names: ReadonlyMap<string, Digest>): Promise<void> {
    await this.#records.putReferences(names);
    this.#index.references = names;
  }

  async #delete(image: StoredImage): Promise<string[]> {
    await this.#records.delete(image.id);
    this.#index.images.delete(image.id);
    await this.#content.remove(image.id);
    const layers = await this.#leases.removeUnused(image.chainIds);
    return [image.id, ...layers];
  }

  /** Throws IMAGE_LAYERS_MISSING. */
  async #read(record: { id: Digest; parent?: Digest }, blob: Uint8Array): Promise<StoredImage> {
    const config = decodeImageConfig(blob);
    const chainIds = chainIdsOf(diffIdsOf(config));
    let size = 0;
    for (const chainId of chainIds) {
      if (!(await this.#layers.has(chainId))) throw layersMissing(record.id);
      size += await this.#layers.size(chainId);
    }
    return { id: record.id, config, size, chainIds, chainId: chainIds.at(-1), parent: record.parent };
  }

  #load(): Promise<void> {
    this.#loaded ??= this.#readRecords();
    return this.#loaded;
  }

  /** An image that is not whole is dropped, and so are its names. */
  async #readRecords(): Promise<void> {
    for (const record of await this.#records.images()) {
      try {
        const image = await this.#read(record, await this.#content.get(record.id));
        this.#index.images.set(record.id, image);
      } catch (error) {
        if (!isTsmachineError(error)) throw error; // not the image's fault
        this.#logger.error('damaged image is dropped', { id: record.id, reason: errorMessage(error) });
        await this.#records.delete(record.id);
      }
    }
    const names = await this.#records.references();
    this.#index.references = new Map([...names].filter(([, id]) => this.#index.images.has(id)));
  }

  async #withTemporary<T>(work: (directory: string) => Promise<T>): Promise<T> {
    const directory = join(this.#root, 'tmp', randomBytes(8).toString('hex'));
    await mkdir(directory, { recursive: true, mode: 0o700 });
    try {
      return await work(directory);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
}

const highWaterMark = 256 * 1024;

function dockerArchitecture(arch: string): string {
  return arch === 'x64' ? 'amd64' : arch;
}
