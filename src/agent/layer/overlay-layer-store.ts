import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { systemErrorCode } from '../../shared/errors.js';
import { KeyedMutex } from '../../shared/keyed-mutex.js';
import { type Logger, silentLogger } from '../../shared/logger.js';
import type { ByteString, TarEntry } from '../../shared/tar/tar-entry.js';
import { closeLimitedSpace, isMountPoint } from '../quota/limited-space.js';
import { hostRoot } from '../userns/id-map.js';
import { CommittedLayers } from './committed-layers.js';
import { directoryUsage } from './directory-usage.js';
import { layerNotFound, writableLayerExists, writableLayerNotFound } from './errors.js';
import { type LayerChange, layerChanges } from './layer-changes.js';
import { LayerDirectory } from './layer-directory.js';
import type { ActiveLayer, CommittedLayer } from './layer-record.js';
import type { ChainId, DiffId, LayerStore, NewLayer, StagedLayer, WritableOptions } from './layer-store.js';
import { layerTar } from './layer-tar.js';
import { LowerLayers } from './lower-layers.js';
import { openLowerTree } from './lower-tree.js';
import { mountOverlay } from './overlay-mount.js';
import { isSealable } from './seal-layer.js';
import { type SystemCalls, systemCalls } from './system-calls.js';
import { describeParts, makeParts, openSpace } from './writable-parts.js';

export interface OverlayLayerStoreOptions {
  /** On a file system that overlayfs accepts as an upper directory. */
  readonly root: string;
  readonly libc?: SystemCalls;
  readonly logger?: Logger;
  /** Copies layers for containers with other owners, also where the kernel can do without. */
  readonly copies?: boolean;
}

/** Layers as directories, put together by overlayfs. One process owns the root. */
export class OverlayLayerStore implements LayerStore {
  readonly driver = 'overlay2';
  readonly #directory: LayerDirectory;
  readonly #libc: SystemCalls;
  readonly #mutex = new KeyedMutex();
  readonly #layers: CommittedLayers;
  readonly #lower: LowerLayers;
  readonly #active = new Map<string, ActiveLayer>();
  #loaded: Promise<void> | undefined;

  constructor(options: OverlayLayerStoreOptions) {
    this.#directory = new LayerDirectory(options.root, options.logger ?? silentLogger);
    this.#libc = options.libc ?? systemCalls;
    this.#layers = new CommittedLayers(this.#directory, this.#libc);
    this.#lower = new LowerLayers(this.#directory, this.#libc, options);
  }

  async has(chainId: ChainId): Promise<boolean> {
    await this.#load();
    return this.#layers.has(chainId);
  }

  async apply(
    tar: Readable,
    diffId: DiffId,
    parent: ChainId | undefined,
    signal?: AbortSignal,
  ): Promise<ChainId> {
    await this.#load();
    return this.#layers.apply(tar, diffId, parent, signal);
  }

  async size(chainId: ChainId): Promise<number> {
    await this.#load();
    return this.#layers.get(chainId).size;
  }

  async tarSize(chainId: ChainId): Promise<number> {
    await this.#load();
    return this.#layers.tarSize(chainId);
  }

  async *tar(chainId: ChainId): AsyncGenerator<Buffer> {
    await this.#load();
    yield* this.#layers.tar(chainId);
  }

  async *entries(chainId: ChainId): AsyncGenerator<TarEntry> {
    await this.#load();
    yield* this.#layers.entries(chainId);
  }

  async add(tar: Readable, parent: ChainId | undefined, signal?: AbortSignal): Promise<NewLayer> {
    await this.#load();
    return this.#layers.add(tar, parent, signal);
  }

  async stage(tar: Readable, signal?: AbortSignal): Promise<StagedLayer> {
    await this.#load();
    return this.#layers.stage(tar, signal);
  }

  async contents(): Promise<ReadonlySet<DiffId>> {
    await this.#load();
    return new Set(this.#layers.all().map((layer) => layer.diffId));
  }

  /** Succeeds when there is none. Throws LAYER_IN_USE while another layer stands on it. */
  async remove(chainId: ChainId): Promise<void> {
    await this.#load();
    await this.#layers.remove(chainId, () =>
      [...this.#active.values()].some((layer) => layer.parent === chainId),
    );
  }

  async list(): Promise<readonly ChainId[]> {
    await this.#load();
    return this.#layers.all().map((layer) => layer.chainId);
  }

  async prepare(
    key: string,
    parent: ChainId | undefined,
    { limit, idMap }: WritableOptions = {},
  ): Promise<void> {
    if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(key)) throw new TypeError(`"${key}" is no layer key`);
    await this.#load();
    await this.#mutex.run(key, async () => {
      if (this.#active.has(key)) throw writableLayerExists(key);
      if (parent !== undefined && !this.#layers.has(parent)) throw layerNotFound(parent);
      const layer: ActiveLayer = {
        ...{ kind: 'active', key },
        ...(parent && { parent }),
        ...(limit && { limit }),
        ...(idMap && { idMap }),
      };
      this.#active.set(key, layer); // first, so that the parent is not removed meanwhile
      await this.#publishActive(layer);
      await openSpace(this.#directory.of(layer), layer).catch(async (error) => {
        await this.#directory.remove(layer);
        this.#active.delete(key);
        throw error;
      });
    });
  }

  async mount(key: string): Promise<string> {
    await this.#load();
    return this.#mutex.run(key, async () => {
      const layer = this.#active.get(key);
      if (!layer) throw writableLayerNotFound(key);
      const merged = join(this.#directory.of(layer), 'merged');
      if (await isMountPoint(merged)) return merged;
      await openSpace(this.#directory.of(layer), layer);
      const chain = this.#layers.chain(layer.parent);
      const links = chain.map((below) => below.link);
      if (links.length === 0) links.push(await this.#directory.emptyLayerLink());
      const view = await this.#lower.view(layer.idMap, chain);
      view.use((lower) => mountOverlay(this.#libc, { directory: this.#directory.path, links, key, lower }));
      return merged;
    });
  }

  async unmount(key: string): Promise<void> {
    await this.#load();
    await this.#mutex.run(key, async () => this.#unmount(key));
  }

  async discard(key: string): Promise<void> {
    await this.#load();
    await this.#mutex.run(key, async () => {
      const layer = this.#active.get(key);
      if (!layer) return;
      this.#unmount(key);
      closeLimitedSpace(this.#directory.of(layer));
      await this.#directory.remove(layer);
      this.#active.delete(key);
    });
  }

  async usage(key: string): Promise<number> {
    await this.#load();
    return directoryUsage(await this.#upper(key));
  }

  async changes(key: string, mountPoints?: ReadonlySet<ByteString>): Promise<readonly LayerChange[]> {
    await this.#load();
    const upper = await this.#upper(key);
    const { parent, idMap } = this.#active.get(key) ?? {};
    const chain = this.#layers.chain(parent);
    const view = await this.#lower.view(idMap, chain);
    using lower = await openLowerTree(this.#libc, this.#directory, chain, view);
    return await layerChanges(upper, { lower: lower?.path, mountPoints, libc: this.#libc });
  }

  async *diff(key: string, mountPoints?: ReadonlySet<ByteString>): AsyncGenerator<Buffer> {
    const changes = await this.changes(key, mountPoints);
    yield* layerTar(await this.#upper(key), {
      only: new Set(changes.map(({ path }) => path)),
      idMap: this.#active.get(key)?.idMap,
      libc: this.#libc,
    });
  }

  async seal(
    key: string,
    mountPoints?: ReadonlySet<ByteString>,
    signal?: AbortSignal,
  ): Promise<NewLayer | undefined> {
    const changes = await this.changes(key, mountPoints);
    const layer = this.#active.get(key);
    if (!layer || changes.length === 0) return undefined;
    const { parent, idMap, limit } = layer;
    return await this.#mutex.run(key, async () => {
      const isMovable = !idMap && limit === undefined && isSealable(changes) && this.#isFree(key);
      if (!isMovable) return await this.add(Readable.from(this.diff(key, mountPoints)), parent, signal);
      const upper = join(this.#directory.of(layer), 'diff');
      return await this.#layers.seal({ upper, changes, signal }, parent);
    });
  }

  describe(key: string): Readonly<Record<string, string>> {
    const layer = this.#active.get(key);
    if (!layer) return {};
    const lower = this.#layers.chain(layer.parent).map((below) => join(this.#directory.of(below), 'diff'));
    return describeParts(this.#directory.of(layer), lower);
  }

  async recover(activeKeys: ReadonlySet<string>): Promise<void> {
    await this.#load();
    for (const key of this.#active.keys()) {
      if (!activeKeys.has(key)) await this.#discardUnlessBusy(key);
    }
    await this.#directory.clean(this.#layers.all());
    this.#layers.syncSoon();
  }

  /** Resolves when every layer that is committed now is on the disk. */
  async flush(): Promise<void> {
    await this.#layers.flush();
  }

  /** The directory with what has been written. Throws LAYER_NOT_FOUND. */
  async #upper(key: string): Promise<string> {
    const layer = this.#active.get(key);
    if (!layer) throw writableLayerNotFound(key);
    const own = this.#directory.of(layer);
    return join((await openSpace(own, layer)) ?? own, 'diff');
  }

  async #publishActive(layer: ActiveLayer): Promise<void> {
    const staged = await this.#directory.stage();
    try {
      await makeParts(staged, layer);
      await this.#directory.publish(staged, layer);
      if (layer.idMap) await this.#directory.letThrough(layer, hostRoot(layer.idMap));
    } catch (error) {
      this.#active.delete(layer.key);
      await rm(staged, { recursive: true, force: true });
      throw error;
    }
  }

  #unmount(key: string, flags = detach): void {
    const layer = this.#active.get(key);
    if (!layer) return;
    try {
      this.#libc.unmount(join(this.#directory.of(layer), 'merged'), flags);
    } catch (error) {
      const code = systemErrorCode(error);
      if (code !== 'EINVAL' && code !== 'ENOENT') throw error; // EINVAL: it is no mount point
    }
  }

  async #discardUnlessBusy(key: string): Promise<void> {
    if (this.#isFree(key)) await this.discard(key);
  }

  /** Unmounts it; false while a process stands in it. */
  #isFree(key: string): boolean {
    try {
      this.#unmount(key, 0);
      return true;
    } catch (error) {
      if (systemErrorCode(error) === 'EBUSY') return false;
      throw error;
    }
  }

  #load(): Promise<void> {
    this.#loaded ??= this.#readRecords();
    return this.#loaded;
  }

  async #readRecords(): Promise<void> {
    const committed: CommittedLayer[] = [];
    for (const record of await this.#directory.records()) {
      if (record.kind === 'active') this.#active.set(record.key, record);
      else committed.push(record);
    }
    await this.#layers.load(committed);
  }
}

const detach = 2; // MNT_DETACH, as docker does: a process may still stand in it
