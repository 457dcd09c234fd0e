import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readJsonSync, removeDrafts, syncDirectory, writeJsonAtomically } from '../../shared/atomic-file.js';
import { digestHex } from '../../shared/digest.js';
import { errorMessage, systemErrorCode } from '../../shared/errors.js';
import { type Logger, silentLogger } from '../../shared/logger.js';
import type { Owner } from '../userns/id-map.js';
import {
  type ActiveLayer,
  type CommittedLayer,
  decodeLayerRecord,
  type LayerRecord,
} from './layer-record.js';

/**
 * The directory of all layers. A layer is made below `staging` and becomes visible with one rename, complete with
 * its record; it disappears the same way.
 *
 *     ROOT/overlay2/HEX/{diff,tar-recipe,layer.json}        a committed layer, HEX of its chain ID
 *     ROOT/overlay2/KEY/{diff,work,merged,layer.json}       a writable one
 *     ROOT/overlay2/l/XXXXXX                                short names for mount options
 *     ROOT/remapped/MAP/{HEX/diff,l}                        copies with other owners; see `RemappedCopies`
 *     ROOT/mapped                                           where layers are mounted with other owners for a moment
 *     ROOT/staging                                          what is being made or deleted
 */
export class LayerDirectory {
  readonly path: string;
  readonly copies: string;
  readonly mapped: string;
  readonly #staging: string;
  readonly #logger: Logger;
  #made: Promise<unknown> | undefined;

  constructor(root: string, logger: Logger = silentLogger) {
    this.path = join(root, 'overlay2');
    this.copies = join(root, 'remapped');
    this.mapped = join(root, 'mapped');
    this.#staging = join(root, 'staging');
    this.#logger = logger;
  }

  /** A fresh directory that is not visible; the caller removes or publishes it. */
  async stage(): Promise<string> {
    await this.#make();
    const path = join(this.#staging, randomBytes(8).toString('hex'));
    await mkdir(path, { mode: 0o700 });
    return path;
  }

  /** Makes a staged layer visible. */
  async publish(staged: string, record: LayerRecord): Promise<void> {
    await writeJsonAtomically(join(staged, 'layer.json'), record);
    if (record.kind === 'committed') await this.#link(record);
    await rename(staged, this.of(record));
    await syncDirectory(this.path);
  }

  async update(record: LayerRecord): Promise<void> {
    await writeJsonAtomically(join(this.of(record), 'layer.json'), record);
  }

  /** Gone at once; the files follow. */
  async remove(record: LayerRecord): Promise<void> {
    await this.#make();
    const grave = join(this.#staging, randomBytes(8).toString('hex'));
    await rename(this.of(record), grave).catch(ignoreMissing);
    if (record.kind === 'committed') {
      await rm(join(this.path, 'l', record.link), { force: true });
      await this.#removeCopies((name) => name === digestHex(record.chainId));
    }
    await rm(grave, { recursive: true, force: true });
  }

  of(record: LayerRecord): string {
    return join(this.path, record.kind === 'active' ? record.key : digestHex(record.chainId));
  }

  newLinkName(): string {
    return randomBytes(4).toString('hex').slice(0, 6).toUpperCase();
  }

  /** All readable records; a directory without one was never published by this program and is left alone. */
  async records(): Promise<readonly LayerRecord[]> {
    const names = (await readdir(this.path).catch(ignoreMissing)) ?? [];
    return names.flatMap((name) => (name === 'l' || name === 'empty' ? [] : (this.#read(name) ?? [])));
  }

  /** Removes what an interrupted run left, and short names that lead nowhere. */
  async clean(layers: readonly CommittedLayer[]): Promise<void> {
    await rm(this.#staging, { recursive: true, force: true });
    this.#made = undefined;
    await this.#make();
    for (const layer of layers) await removeDrafts(join(this.of(layer), 'layer.json'));
    const used = new Set(layers.map((layer) => layer.link));
    for (const name of await readdir(join(this.path, 'l'))) {
      if (!used.has(name)) await rm(join(this.path, 'l', name), { force: true });
    }
    const there = new Set(layers.map(({ chainId }) => digestHex(chainId)));
    await this.#removeCopies((name) => name !== 'l' && !there.has(name));
  }

  /**
   * Lets the root of containers with this map pass on its way to a published layer, and nobody else: a runtime looks
   * the path up as that root.
   */
  async letThrough(record: ActiveLayer, { gid }: Owner): Promise<void> {
    await Promise.all([dirname(this.path), this.path].map((directory) => chmod(directory, 0o711)));
    await chown(this.of(record), 0, gid);
    await chmod(this.of(record), 0o710);
  }

  /** A lower directory for an image without layers: overlayfs wants at least one. */
  async emptyLayerLink(): Promise<string> {
    await mkdir(join(this.path, 'empty'), { recursive: true, mode: 0o755 });
    await symlink('../empty', join(this.path, 'l', 'empty')).catch(ignoreExisting);
    return 'empty';
  }

  #read(name: string): LayerRecord | undefined {
    try {
      const value = readJsonSync(join(this.path, name, 'layer.json'));
      const record = value === undefined ? undefined : decodeLayerRecord(value);
      if (record && this.of(record) === join(this.path, name)) return record;
      this.#logger.error('directory is not a layer and is ignored', { directory: name });
    } catch (error) {
      this.#logger.error('damaged layer is ignored', { directory: name, reason: errorMessage(error) });
    }
    return undefined;
  }

  async #removeCopies(isGone: (name: string) => boolean): Promise<void> {
    for (const map of (await readdir(this.copies).catch(ignoreMissing)) ?? []) {
      const names = (await readdir(join(this.copies, map))).filter(isGone);
      for (const name of names) await rm(join(this.copies, map, name), { recursive: true, force: true });
    }
  }

  async #link(record: CommittedLayer): Promise<void> {
    const path = join(this.path, 'l', record.link);
    await rm(path, { force: true });
    await symlink(`../${digestHex(record.chainId)}/diff`, path);
  }

  #make(): Promise<unknown> {
    this.#made ??= Promise.all([
      mkdir(join(this.path, 'l'), { recursive: true, mode: 0o710 }),
      mkdir(this.#staging, { recursive: true, mode: 0o700 }),
    ]);
    return this.#made;
  }
}

/** Changes with every start of the host. */
export async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

function ignoreMissing(error: unknown): undefined {
  if (systemErrorCode(error) !== 'ENOENT') throw error;
}

function ignoreExisting(error: unknown): undefined {
  if (systemErrorCode(error) !== 'EEXIST') throw error;
}
