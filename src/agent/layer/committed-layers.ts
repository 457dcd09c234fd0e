import { rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { KeyedMutex } from '../../shared/keyed-mutex.js';
import type { TarEntry } from '../../shared/tar/tar-entry.js';
import { run } from '../kernel/spawn.js';
import { chainIdOf } from './chain-id.js';
import {
  layerDigestMismatch,
  layerInUse,
  layerInvalid,
  layerNotFound,
  translateUnpackError,
} from './errors.js';
import { bootId, type LayerDirectory } from './layer-directory.js';
import { layerEntries } from './layer-entries.js';
import type { CommittedLayer } from './layer-record.js';
import type { ChainId, DiffId, NewLayer, StagedLayer } from './layer-store.js';
import { rebuiltTar } from './rebuilt-tar.js';
import { type SealRequest, sealLayer } from './seal-layer.js';
import type { SystemCalls } from './system-calls.js';
import { type UnpackedLayer, unpackLayer } from './unpack-layer.js';

/**
 * The read-only layers. Each is unpacked in a place of its own while its digest is computed, so layers of one
 * image may be applied at the same time: a layer is committed when its parent is.
 *
 * A committed layer is synced to the disk in the background; after a power cut, one that was not is dropped as if
 * it had never been there.
 */
export class CommittedLayers {
  readonly #directory: LayerDirectory;
  readonly #libc: SystemCalls;
  readonly #mutex = new KeyedMutex();
  readonly #applying = new Map<ChainId, Promise<unknown>>();
  readonly #committed = new Map<ChainId, CommittedLayer>();
  #syncing: Promise<void> = Promise.resolve();

  constructor(directory: LayerDirectory, libc: SystemCalls) {
    this.#directory = directory;
    this.#libc = libc;
  }

  /** Call once, first. A layer that may have been lost with the power is dropped, and so is what stands on it. */
  async load(records: readonly CommittedLayer[]): Promise<void> {
    const boot = await bootId();
    const waiting = new Set(records);
    for (let found = true; found; ) {
      found = false;
      for (const layer of waiting) {
        const isSafe = layer.unsyncedSinceBoot === undefined || layer.unsyncedSinceBoot === boot;
        if (!isSafe || (layer.parent && !this.#committed.has(layer.parent))) continue;
        this.#committed.set(layer.chainId, layer);
        waiting.delete(layer);
        found = true;
      }
    }
    for (const layer of waiting) await this.#directory.remove(layer);
  }

  has(chainId: ChainId): boolean {
    return this.#committed.has(chainId);
  }

  all(): readonly CommittedLayer[] {
    return [...this.#committed.values()];
  }

  /** Throws LAYER_NOT_FOUND. */
  get(chainId: ChainId): CommittedLayer {
    const layer = this.#committed.get(chainId);
    if (!layer) throw layerNotFound(chainId);
    return layer;
  }

  /** Throws LAYER_NOT_FOUND, LAYER_INVALID. */
  tarSize(chainId: ChainId): number {
    const { tarSize } = this.get(chainId);
    if (tarSize === undefined) throw layerInvalid(`the archive of ${chainId} is not known any more`);
    return tarSize;
  }

  async *tar(chainId: ChainId): AsyncGenerator<Buffer> {
    const layer = this.get(chainId);
    this.tarSize(chainId);
    yield* rebuiltTar(this.#directory.of(layer), layer.diffId);
  }

  async *entries(chainId: ChainId): AsyncGenerator<TarEntry> {
    const layer = this.get(chainId);
    this.tarSize(chainId);
    yield* layerEntries(this.#directory.of(layer));
  }

  /** A layer and all below it, uppermost first. */
  chain(chainId: ChainId | undefined): CommittedLayer[] {
    const chain: CommittedLayer[] = [];
    for (let at = chainId; at !== undefined; at = chain.at(-1)?.parent) {
      chain.push(this.get(at));
    }
    return chain;
  }

  /** `LayerStore.apply`. */
  async apply(
    tar: Readable,
    diffId: DiffId,
    parent: ChainId | undefined,
    signal?: AbortSignal,
  ): Promise<ChainId> {
    const chainId = chainIdOf(parent, diffId);
    for (;;) {
      signal?.throwIfAborted();
      if (this.#committed.has(chainId)) {
        tar.destroy();
        return chainId;
      }
      const other = this.#applying.get(chainId);
      if (!other) break;
      await other.catch(() => {}); // when it fails, this call tries with its own stream
    }
    const work = this.#unpack(tar, { diffId, parent }, signal);
    this.#applying.set(chainId, work);
    try {
      await work;
    } finally {
      this.#applying.delete(chainId);
    }
    return chainId;
  }

  /** `LayerStore.add`. */
  async add(tar: Readable, parent: ChainId | undefined, signal?: AbortSignal): Promise<NewLayer> {
    const diffId = await this.#unpack(tar, { parent }, signal);
    return { chainId: chainIdOf(parent, diffId), diffId };
  }

  /** `LayerStore.stage`. */
  async stage(tar: Readable, signal?: AbortSignal): Promise<StagedLayer> {
    try {
      return await this.#stage((directory) => unpackLayer(directory, tar, { libc: this.#libc, signal }));
    } catch (error) {
      tar.destroy();
      throw error;
    }
  }

  /** `LayerStore.seal`, of changes that are. */
  async seal(request: Omit<SealRequest, 'libc'>, parent: ChainId | undefined): Promise<NewLayer> {
    await using staged = await this.#stage((directory) =>
      sealLayer(directory, { ...request, libc: this.#libc }),
    );
    return { chainId: await staged.commit(staged.diffId, parent), diffId: staged.diffId };
  }

  async #stage(make: (directory: string) => Promise<UnpackedLayer>): Promise<StagedLayer> {
    const staged = await this.#directory.stage();
    const remove = (): Promise<void> => rm(staged, { recursive: true, force: true });
    try {
      const unpacked = await make(staged);
      return {
        diffId: unpacked.diffId,
        commit: (diffId, parent) => this.#commit(staged, { ...unpacked, parent }, diffId),
        [Symbol.asyncDispose]: remove,
      };
    } catch (error) {
      await remove();
      throw translateUnpackError(error);
    }
  }

  /** Throws LAYER_IN_USE while another layer stands on it, or `isUsed` says so. */
  async remove(chainId: ChainId, isUsed: () => boolean): Promise<void> {
    await this.#mutex.run('index', async () => {
      const layer = this.#committed.get(chainId);
      if (!layer) return;
      if (isUsed() || this.all().some((other) => other.parent === chainId)) throw layerInUse(chainId);
      this.#committed.delete(chainId);
      await this.#directory.remove(layer);
    });
  }

  syncSoon(): void {
    this.#syncing = this.#syncing.then(() => this.#sync());
  }

  /** Resolves when every layer that is committed now is on the disk. */
  async flush(): Promise<void> {
    this.syncSoon();
    await this.#syncing;
  }

  /** Answers the layer's digest, which must be `diffId` where that is given. */
  async #unpack(
    tar: Readable,
    { diffId, parent }: { readonly diffId?: DiffId; readonly parent: ChainId | undefined },
    signal: AbortSignal | undefined,
  ): Promise<DiffId> {
    await using staged = await this.stage(tar, signal);
    signal?.throwIfAborted();
    await staged.commit(diffId ?? staged.diffId, parent);
    return staged.diffId;
  }

  async #commit(
    staged: string,
    { diffId, parent, size, tarSize }: UnpackedLayer & { readonly parent: ChainId | undefined },
    expected: DiffId,
  ): Promise<ChainId> {
    if (diffId !== expected) throw layerDigestMismatch(expected, diffId);
    const chainId = chainIdOf(parent, diffId);
    if (parent) await this.#applying.get(parent)?.catch(() => {});
    await this.#mutex.run('index', async () => {
      if (this.#committed.has(chainId)) return;
      if (parent && !this.#committed.has(parent)) throw layerNotFound(parent);
      const record: CommittedLayer = {
        kind: 'committed',
        chainId,
        diffId,
        ...(parent && { parent }),
        size,
        tarSize,
        link: this.#freeLinkName(),
        unsyncedSinceBoot: await bootId(),
      };
      await this.#directory.publish(staged, record);
      this.#committed.set(chainId, record);
    });
    this.syncSoon();
    return chainId;
  }

  #freeLinkName(): string {
    const used = new Set([...this.#committed.values()].map((layer) => layer.link));
    for (;;) {
      const name = this.#directory.newLinkName();
      if (!used.has(name)) return name;
    }
  }

  /** In a process of its own, because it may take long. A failure leaves the layers marked, which is safe. */
  async #sync(): Promise<void> {
    const unsynced = [...this.#committed.values()].filter((layer) => layer.unsyncedSinceBoot);
    if (unsynced.length === 0) return;
    const { code } = await run(['sync', '-f', this.#directory.path]).catch(() => ({ code: 1 }));
    if (code !== 0) return;
    await this.#mutex.run('index', async () => {
      for (const { unsyncedSinceBoot: _, ...layer } of unsynced) {
        if (!this.#committed.has(layer.chainId)) continue;
        await this.#directory.update(layer).catch(() => {});
        this.#committed.set(layer.chainId, layer);
      }
    });
  }
}
