import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { decompress } from '../../shared/decompress.js';
import type { Digest } from '../../shared/digest.js';
import { KeyedMutex } from '../../shared/keyed-mutex.js';
import { type Logger, silentLogger } from '../../shared/logger.js';
import { formatNanoTime, nowNanos } from '../../shared/nanotime.js';
import { chainIdsOf } from '../layer/chain-id.js';
import type { LayerStore } from '../layer/layer-store.js';
import type { ArchivedImage } from './archived-image.js';
import type { ContentStore } from './content-store.js';
import { diffIdsOf } from './decode-image-config.js';
import { tagRefused } from './errors.js';
import { readImageArchive } from './image-archive.js';
import type { StoredImage } from './image-index.js';
import { planRemoval } from './image-removal.js';
import type {
  Image,
  ImageStore,
  ImportOptions,
  LoadOptions,
  RegisterImage,
  RemovedImage,
  RemoveImageOptions,
  SaveOptions,
} from './image-store.js';
import { ImageTable } from './image-table.js';
import { importedConfig } from './imported-config.js';
import { LayerLeases } from './layer-leases.js';
import { applyLayers, unpackArchive } from './load-archive.js';
import type { Platform } from './platform.js';
import {
  familiarReference,
  formatReference,
  parseReference,
  type Reference,
  withDefaultTag,
} from './reference.js';
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
  readonly #platform: Platform;
  readonly #table: ImageTable;
  readonly #leases: LayerLeases;
  readonly #mutex = new KeyedMutex();

  constructor(options: FileImageStoreOptions) {
    this.#root = options.root;
    this.#layers = options.layers;
    this.#content = options.content;
    this.#platform = { os: 'linux', architecture: options.architecture ?? dockerArchitecture(process.arch) };
    this.#table = new ImageTable({ ...options, logger: options.logger ?? silentLogger });
    this.#leases = new LayerLeases(options.layers, (chainId) =>
      [...this.#table.index.images.values()].some((image) => image.chainIds.includes(chainId)),
    );
  }

  async resolve(name: string): Promise<Image> {
    await this.#table.load();
    return this.#table.index.withNames(this.#table.index.resolve(name));
  }

  async list(): Promise<readonly Image[]> {
    await this.#table.load();
    return [...this.#table.index.images.values()].map((image) => this.#table.index.withNames(image));
  }

  /** The config blob, byte by byte as it came. */
  async configBlob(id: Digest): Promise<Buffer> {
    return this.#content.get(id);
  }

  /** The image that this one was built upon on this host. */
  async parentOf(id: Digest): Promise<Digest | undefined> {
    await this.#table.load();
    return this.#table.index.images.get(id)?.parent;
  }

  async tag(name: string, reference: string): Promise<void> {
    await this.#table.load();
    const image = this.#table.index.resolve(name);
    const target = withDefaultTag(parseReference(reference));
    if (target.digest) throw tagRefused('refusing to create a tag with a digest reference');
    if (familiarReference(target).startsWith('sha256:')) {
      throw tagRefused('refusing to create an ambiguous tag using digest algorithm as name');
    }
    await this.#mutex.run('names', async () => {
      await this.#table.setNames(image.id, [target]);
      await this.#table.setTagTime(image.id, formatNanoTime(nowNanos()));
    });
  }

  async remove(name: string, options: RemoveImageOptions): Promise<RemovedImage> {
    await this.#table.load();
    return this.#mutex.run('names', async () => {
      const plan = planRemoval(this.#table.index, name, options);
      const deleted: string[] = [];
      // First, so that a full disk has room to write the names that are left; a name of what is gone counts for nothing.
      for (const image of plan.remove) deleted.push(...(await this.#delete(image)));
      await this.#table.removeNames(new Set(plan.untag.map(formatReference)));
      await this.#leases.removeOrphans();
      return { untagged: plan.untag.map(familiarReference), deleted };
    });
  }

  async load(tar: Readable, { platform, signal }: LoadOptions = {}): Promise<readonly string[]> {
    await this.#table.load();
    return this.#withTemporary(async (directory) => {
      const layers = this.#layers;
      await using files = await unpackArchive(tar, { temporaryDirectory: directory, layers, signal });
      const images = await readImageArchive(files, { own: this.#platform, wanted: platform });
      await using _lease = this.hold(images.flatMap((image) => chainIdsOf(diffIdsOf(image.config))));
      for (const image of images) await applyLayers(this.#layers, image, signal); // all before the first is visible
      const lines: string[] = [];
      for (const image of images) lines.push(...(await this.#registerLoaded(image)));
      return lines;
    });
  }

  async save(names: readonly string[], options: SaveOptions = {}): Promise<AsyncGenerator<Buffer>> {
    await this.#table.load();
    return this.#saved(
      await savedImages(this.#table.index, this.#content, { ...options, names }),
      options.only,
    );
  }

  /** The digest that a registry knows the image by, unless another image has it. */
  async addDigest(id: Digest, reference: Reference): Promise<void> {
    await this.#table.load();
    await this.#mutex.run('names', async () => {
      const holder = this.#table.index.references.get(formatReference(reference));
      if (!holder && this.#table.index.images.has(id)) await this.#table.setNames(id, [reference]);
    });
  }

  async import(tar: Readable, options: ImportOptions, signal?: AbortSignal): Promise<Digest> {
    const references = this.parseNewName(options.reference);
    importedConfig('sha256:', options, ''); // refuses bad changes before the work
    await using staged = await this.#layers.stage(await decompress(tar), signal);
    const { diffId } = staged;
    const config = importedConfig(diffId, options, formatNanoTime(nowNanos()));
    await using _lease = this.hold([diffId]);
    if (!(await this.#layers.has(diffId))) await staged.commit(diffId, undefined);
    const image = await this.register({ configBlob: Buffer.from(JSON.stringify(config)), references });
    return image.id;
  }

  parseNewName(name: string | undefined): readonly Reference[] {
    if (name === undefined || name === '') return [];
    const reference = withDefaultTag(parseReference(name));
    if (reference.digest) throw tagRefused('cannot import digest reference');
    return [reference];
  }

  async register(input: RegisterImage): Promise<Image> {
    await this.#table.load();
    return this.#mutex.run('names', async () => {
      const id = await this.#content.put(input.configBlob);
      const isNew = !this.#table.index.images.has(id);
      try {
        await this.#registerNamed(id, input);
      } catch (error) {
        if (isNew) await this.#forget(id);
        throw error;
      }
      return this.#table.index.withNames(this.#table.index.resolve(id));
    });
  }

  hold(chainIds: readonly Digest[]): AsyncDisposable {
    return this.#leases.hold(chainIds);
  }

  /** At start, after the layer store's: removes what was half-made and layers that nothing needs. */
  async recover(): Promise<void> {
    await rm(join(this.#root, 'tmp'), { recursive: true, force: true });
    await this.#content.recover();
    await this.#table.recover();
    await this.#table.load();
    for (const digest of await this.#content.list()) {
      if (!this.#table.index.images.has(digest)) await this.#content.remove(digest);
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
    const previous = this.#table.index.references;
    const { id } = await this.register({ configBlob: image.configBlob, references: image.tags });
    return { id, previous };
  }

  async #registerNamed(id: Digest, { configBlob, references, parent }: RegisterImage): Promise<void> {
    const taggedAt = references.length > 0 ? formatNanoTime(nowNanos()) : undefined;
    const record = { id, ...(parent && { parent }), ...(taggedAt && { taggedAt }) };
    const { isNew } = await this.#table.put(record, configBlob);
    await this.#table.setNames(id, references);
    if (!isNew && taggedAt) await this.#table.setTagTime(id, taggedAt);
  }

  /** What could not be registered; its layers are their holder's. */
  async #forget(id: Digest): Promise<void> {
    const image = this.#table.index.images.get(id);
    if (image) await this.#delete(image);
    else await this.#content.remove(id);
  }

  async #delete(image: StoredImage): Promise<string[]> {
    await this.#table.delete(image.id);
    const layers = await this.#leases.removeUnused(image.chainIds);
    return [image.id, ...layers];
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

function dockerArchitecture(arch: string): string {
  return arch === 'x64' ? 'amd64' : arch;
}
