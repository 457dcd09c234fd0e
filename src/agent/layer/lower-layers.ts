import { mkdirSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KeyedMutex } from '../../shared/keyed-mutex.js';
import { mountIdMapped } from '../kernel/idmapped-mount.js';
import type { IdMap } from '../userns/id-map.js';
import { openUserNamespace } from '../userns/user-namespace.js';
import type { LayerDirectory } from './layer-directory.js';
import type { CommittedLayer } from './layer-record.js';
import { mountOverlay } from './overlay-mount.js';
import { RemappedCopies } from './remapped-copies.js';
import type { SystemCalls } from './system-calls.js';

/** Read-only layers with the owners that a writable layer above them needs. */
export interface LowerView {
  /** Calls `work` with a directory whose `l/` has the layers' names; it is there only for the call. */
  use<T>(work: (directory: string) => T): T;
}

/**
 * The layers as they are, or with the owners of an `IdMap`: from Linux 5.19 on through a mount that shows them so and
 * that overlayfs takes, else, and on file systems without such mounts, as copies.
 */
export class LowerLayers {
  readonly #directory: LayerDirectory;
  readonly #libc: SystemCalls;
  readonly #copies: RemappedCopies;
  readonly #namespaces = new Map<string, Promise<number>>();
  readonly #mutex = new KeyedMutex();
  #kernelMaps: boolean | undefined;

  /** `copies`: whatever the kernel can. */
  constructor(directory: LayerDirectory, libc: SystemCalls, options: { readonly copies?: boolean } = {}) {
    this.#directory = directory;
    this.#libc = libc;
    this.#copies = new RemappedCopies(directory, libc);
    if (options.copies) this.#kernelMaps = false;
  }

  /** Throws USER_NAMESPACE_FAILED, NO_SPACE. */
  async view(idMap: IdMap | undefined, chain: readonly CommittedLayer[]): Promise<LowerView> {
    if (!idMap) return { use: (work) => work(this.#directory.path) };
    if (await this.#canMap(idMap)) return this.#mapped(await this.#namespaceOf(idMap));
    const copies = await this.#copies.make(idMap, chain);
    return { use: (work) => work(copies) };
  }

  #mapped(namespace: number): LowerView {
    return {
      use: (work) => {
        const place = this.#directory.mapped;
        mkdirSync(place, { recursive: true, mode: 0o700 });
        mountIdMapped(this.#directory.path, place, namespace);
        try {
          return work(place);
        } finally {
          this.#libc.unmount(place, detach); // an overlay keeps mounts of its own
        }
      },
    };
  }

  /** Kept for the life of the process: there is one for each setting that containers were made under. */
  #namespaceOf(idMap: IdMap): Promise<number> {
    const key = JSON.stringify(idMap);
    const known = this.#namespaces.get(key);
    if (known) return known;
    const made = openUserNamespace(idMap);
    this.#namespaces.set(key, made);
    made.catch(() => this.#namespaces.delete(key));
    return made;
  }

  #canMap(idMap: IdMap): Promise<boolean> {
    return this.#mutex.run('try', async () => {
      this.#kernelMaps ??= await this.#try(await this.#namespaceOf(idMap));
      return this.#kernelMaps;
    });
  }

  async #try(namespace: number): Promise<boolean> {
    const links = [await this.#directory.emptyLayerLink()];
    const directory = await this.#directory.stage();
    try {
      for (const name of ['diff', 'work', 'merged'])
        await mkdir(join(directory, 'try', name), { recursive: true });
      this.#mapped(namespace).use((lower) => {
        mountOverlay(this.#libc, { directory, links, key: 'try', lower });
      });
      this.#libc.unmount(join(directory, 'try', 'merged'), detach);
      return true;
    } catch {
      return false;
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }
}

const detach = 2;
