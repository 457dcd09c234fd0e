import { chown, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson, syncDirectory, writeJsonAtomically } from '../../shared/atomic-file.js';
import { type Clock, systemClock } from '../../shared/clock.js';
import { systemErrorCode } from '../../shared/errors.js';
import { randomId, shortId } from '../../shared/identifiers.js';
import { KeyedMutex } from '../../shared/keyed-mutex.js';
import { UndoStack } from '../../shared/undo-stack.js';
import { openLimitedSpace } from '../quota/limited-space.js';
import type { Owner } from '../userns/id-map.js';
import { copyUpDirectory } from './copy-up.js';
import { volumeNameInvalid, volumeNotFound, volumePluginNotFound } from './errors.js';
import { Holders } from './holders.js';
import { makeLimitedVolume, volumeLimit } from './limited-volume.js';
import { checkLocalOptions, mountLocal, mountPoints, needsMount, unmountLocal } from './local-mount.js';
import { resolvePathInRoot } from './path-in-root.js';
import { formatVolumeRecord, parseVolumeRecord, type VolumeRecord } from './volume-record.js';
import {
  isAnonymous,
  type Volume,
  type VolumeHolders,
  type VolumeSpec,
  type VolumeStore,
} from './volume-store.js';

/** moby, daemon/names: what a name may be. It keeps names from leading out of the store. */
const namePattern = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** moby, volume/service: how clients tell a volume that nobody named. */
const anonymousLabel = 'com.docker.volume.anonymous';

/** The volume itself, in its directory. */
const data = '_data';

/** No volume's name begins with a dot: what is being made or removed does, and is swept at the next start. */
const hidden = '.';

export interface LocalVolumeStoreOptions {
  readonly root: string;
  readonly clock?: Clock;
  readonly owner?: Owner | undefined;
}

/**
 * `<root>/<name>/_data` is the volume, `<root>/<name>/volume.json` its record. A volume appears and vanishes by
 * one rename, so that a crash leaves all of it or nothing that is visible. A volume with options (`type`, `device`,
 * `o`) is mounted upon `_data` as long as somebody holds it; so is one with a `size`, from `<root>/<name>/image`.
 */
export class LocalVolumeStore implements VolumeStore {
  readonly #root: string;
  readonly #clock: Clock;
  readonly #owner: Owner | undefined;
  readonly #mutex = new KeyedMutex();
  readonly #holders = new Holders();
  #prepared: Promise<void> | undefined;

  /** `owner`: of new volumes' directories; without it this process. */
  constructor({ root, clock = systemClock, owner }: LocalVolumeStoreOptions) {
    this.#root = root;
    this.#owner = owner;
    this.#clock = clock;
  }

  async create(spec: VolumeSpec): Promise<Volume> {
    const name = spec.name ?? randomId();
    const options = spec.options ?? {};
    const anonymous = isAnonymous(spec);
    if (!['', 'local'].includes(spec.driver ?? '')) throw volumePluginNotFound(name, spec.driver ?? '');
    if (!namePattern.test(name)) throw volumeNameInvalid(name);
    await this.#prepare();
    return this.#mutex.run(name, async () => {
      const existing = await this.#read(name);
      if (existing) return existing;
      checkLocalOptions(name, options);
      volumeLimit(name, options);
      const createdAt = `${new Date(this.#clock.now()).toISOString().slice(0, 19)}Z`;
      const labels = { ...(anonymous && { [anonymousLabel]: '' }), ...spec.labels };
      const record = { name, createdAt, labels, options, anonymous };
      await this.#make(record, spec.fill);
      return this.#volumeOf(record);
    });
  }

  async get(name: string): Promise<Volume> {
    const volume = await this.#read(name);
    if (!volume) throw volumeNotFound(name);
    return volume;
  }

  async has(name: string): Promise<boolean> {
    return (await this.#read(name)) !== undefined;
  }

  async list(): Promise<readonly Volume[]> {
    await this.#prepare();
    const names = (await readdir(this.#root)).filter((name) => !name.startsWith(hidden)).sort();
    const volumes = await Promise.all(names.map((name) => this.#read(name)));
    return volumes.filter((volume) => volume !== undefined);
  }

  async remove(name: string): Promise<boolean> {
    await this.#prepare();
    return this.#mutex.run(name, async () => {
      const volume = await this.#read(name);
      if (!volume) return false;
      // What a killed agent left mounted must not be emptied.
      if ((await mountPoints()).has(volume.path)) unmountLocal(volume.path);
      const doomed = this.#hiddenPath();
      await rename(join(this.#root, name), doomed);
      await syncDirectory(this.#root);
      await rm(doomed, { recursive: true, force: true });
      return true;
    });
  }

  async mount(name: string, holder: string): Promise<string> {
    return this.#mutex.run(name, async () => {
      const { path, options } = await this.get(name);
      if (isMounted(options) && !(await mountPoints()).has(path)) await this.#mount(name, path, options);
      this.#holders.add(name, holder);
      return path;
    });
  }

  async unmount(name: string, holder: string): Promise<void> {
    await this.#mutex.run(name, async () => {
      if (!this.#holders.delete(name, holder)) return;
      const volume = await this.#read(name);
      if (volume) await this.#release(volume);
    });
  }

  async recover(holders: VolumeHolders): Promise<void> {
    this.#holders.replace(holders);
    for (const volume of await this.list()) {
      if (!this.#holders.has(volume.name)) await this.#release(volume);
    }
  }

  async copyUp(name: string, root: string, directory: string): Promise<void> {
    const holder = `copy-up ${randomId()}`;
    const path = await this.mount(name, holder);
    try {
      await this.#mutex.run(`copy-up ${name}`, async () => {
        const source = await resolvePathInRoot(root, directory);
        if (source !== undefined) await copyUpDirectory(source, path);
      });
    } finally {
      await this.unmount(name, holder);
    }
  }

  async #release({ path, options }: Volume): Promise<void> {
    if (isMounted(options) && (await mountPoints()).has(path)) unmountLocal(path);
  }

  async #mount(name: string, path: string, options: Volume['options']): Promise<void> {
    if (needsMount(options)) await mountLocal(path, options);
    else await openLimitedSpace(join(this.#root, name), data);
  }

  async #make(record: VolumeRecord, fill: VolumeSpec['fill']): Promise<void> {
    const draft = this.#hiddenPath();
    await using undo = new UndoStack();
    undo.push(() => rm(draft, { recursive: true, force: true }));
    await mkdir(draft, { mode: 0o701 });
    await mkdir(join(draft, data), { mode: 0o755 });
    if (this.#owner) await chown(join(draft, data), this.#owner.uid, this.#owner.gid);
    const limit = volumeLimit(record.name, record.options);
    const place = { directory: draft, data, owner: this.#owner };
    if (limit !== undefined) await makeLimitedVolume(record.name, place, limit);
    await fill?.(join(draft, data));
    await writeJsonAtomically(join(draft, 'volume.json'), formatVolumeRecord(record));
    await rename(draft, join(this.#root, record.name));
    await syncDirectory(this.#root);
    undo.commit();
  }

  async #read(name: string): Promise<Volume | undefined> {
    if (!namePattern.test(name)) return undefined;
    const record = parseVolumeRecord(await this.#readRecord(name));
    return record && this.#volumeOf(record);
  }

  async #readRecord(name: string): Promise<unknown> {
    try {
      return await readJson(join(this.#root, name, 'volume.json'));
    } catch (error) {
      if (['ENOTDIR', 'ENAMETOOLONG'].includes(systemErrorCode(error) ?? '')) return undefined;
      throw error;
    }
  }

  #volumeOf(record: VolumeRecord): Volume {
    return { ...record, driver: 'local', scope: 'local', path: join(this.#root, record.name, data) };
  }

  #hiddenPath(): string {
    return join(this.#root, `${hidden}${shortId(randomId())}`);
  }

  /** Once in the life of this store: the directory is there, and what a crash left half-made is not. */
  async #prepare(): Promise<void> {
    this.#prepared ??= this.#sweep();
    await this.#prepared;
  }

  async #sweep(): Promise<void> {
    await mkdir(this.#root, { recursive: true, mode: 0o701 });
    const leftovers = (await readdir(this.#root)).filter((name) => name.startsWith(hidden));
    await Promise.all(leftovers.map((name) => rm(join(this.#root, name), { recursive: true, force: true })));
  }
}

/** While it is used. */
function isMounted(options: Volume['options']): boolean {
  return needsMount(options) || options['size'] !== undefined;
}
