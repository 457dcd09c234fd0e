import { isTsmachineError } from '../../shared/errors.js';
import { randomId } from '../../shared/identifiers.js';
import { isJsonObject } from '../../shared/json.js';
import { KeyedMutex } from '../../shared/keyed-mutex.js';
import type { JsonStore } from '../state/json-store.js';
import { copyUpDirectory } from './copy-up.js';
import { volumeNameTaken, volumeNotFound } from './errors.js';
import { Holders } from './holders.js';
import { resolvePathInRoot } from './path-in-root.js';
import type { PluginVolumes } from './plugin-volumes.js';
import { texts } from './volume-record.js';
import {
  isAnonymous,
  type Volume,
  type VolumeHolders,
  type VolumeSpec,
  type VolumeStore,
} from './volume-store.js';

/** What is kept of a volume of a plugin's, beside what the plugin knows. */
export interface PluginVolumeRecord {
  readonly driver: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  readonly anonymous: boolean;
}

/** Throws when the value is no such record. */
export function decodePluginVolume(value: unknown): PluginVolumeRecord {
  if (!isJsonObject(value) || typeof value['driver'] !== 'string') throw new TypeError('no volume record');
  const { driver, labels, options, anonymous } = value;
  return { driver, labels: texts(labels), options: texts(options), anonymous: anonymous === true };
}

export interface AllVolumesOptions {
  readonly local: VolumeStore;
  readonly plugins: PluginVolumes;
  readonly records: JsonStore<PluginVolumeRecord>;
}

/** The volumes of all drivers under one set of names: our own, and those of plugins. */
export class AllVolumes implements VolumeStore {
  readonly #local: VolumeStore;
  readonly #plugins: PluginVolumes;
  readonly #records: JsonStore<PluginVolumeRecord>;
  readonly #holders = new Holders();
  readonly #mutex = new KeyedMutex();

  constructor({ local, plugins, records }: AllVolumesOptions) {
    this.#local = local;
    this.#plugins = plugins;
    this.#records = records;
  }

  async create(spec: VolumeSpec): Promise<Volume> {
    const { driver = '', name = randomId(), options = {}, labels = {} } = spec;
    const existing = isAnonymous(spec) ? undefined : await this.#find(name);
    if (existing && driver !== '' && driver !== existing.driver) throw volumeNameTaken(name);
    if (existing) return existing;
    if (['', 'local'].includes(driver)) return this.#local.create(spec);
    return this.#mutex.run(name, async () => {
      await this.#plugins.create(driver, name, options);
      await this.#records.put(name, { driver, labels, options, anonymous: isAnonymous(spec) });
      return this.#complete(await this.#plugins.get(driver, name));
    });
  }

  async get(name: string): Promise<Volume> {
    const volume = await this.#find(name);
    if (!volume) throw volumeNotFound(name);
    return volume;
  }

  async has(name: string): Promise<boolean> {
    return (await this.#find(name)) !== undefined;
  }

  async list(): Promise<readonly Volume[]> {
    const [local, foreign] = await Promise.all([this.#local.list(), this.#plugins.list()]);
    const taken = new Set(local.map(({ name }) => name));
    const others = foreign.filter(({ name }) => !taken.has(name));
    return [...local, ...(await Promise.all(others.map((each) => this.#complete(each))))];
  }

  async remove(name: string): Promise<boolean> {
    if (await this.#local.has(name)) return this.#local.remove(name);
    return this.#mutex.run(name, async () => {
      const volume = await this.#find(name);
      if (!volume) return false;
      await this.#plugins.remove(volume.driver, name);
      await this.#records.delete(name);
      return true;
    });
  }

  async mount(name: string, holder: string): Promise<string> {
    if (await this.#local.has(name)) return this.#local.mount(name, holder);
    const { driver } = await this.get(name);
    return this.#mutex.run(name, async () => {
      const path = await this.#plugins.mount(driver, name, holder);
      this.#holders.add(name, holder);
      return path;
    });
  }

  async unmount(name: string, holder: string): Promise<void> {
    if (await this.#local.has(name)) return this.#local.unmount(name, holder);
    await this.#mutex.run(name, async () => {
      const isHeld = this.#holders.has(name, holder);
      this.#holders.delete(name, holder);
      const volume = isHeld ? await this.#find(name) : undefined;
      if (volume) await this.#plugins.unmount(volume.driver, name, holder);
    });
  }

  /** What plugins have mounted for containers that are gone is theirs to see: they know the holders. */
  async recover(holders: VolumeHolders): Promise<void> {
    this.#holders.replace(holders);
    await this.#local.recover(holders);
  }

  async copyUp(name: string, root: string, directory: string): Promise<void> {
    if (await this.#local.has(name)) return this.#local.copyUp(name, root, directory);
    const holder = `copy-up-${randomId()}`;
    const path = await this.mount(name, holder);
    try {
      const source = await resolvePathInRoot(root, directory);
      if (source !== undefined) await copyUpDirectory(source, path);
    } finally {
      await this.unmount(name, holder);
    }
  }

  async #find(name: string): Promise<Volume | undefined> {
    if (await this.#local.has(name)) return this.#local.get(name);
    if (!/^[a-zA-Z0-9][\w.-]{0,249}$/.test(name)) return undefined; // no file could have a longer name
    const record = await this.#records.get(name);
    const drivers = record ? [record.driver] : await this.#plugins.names();
    for (const driver of drivers) {
      try {
        return await this.#complete(await this.#plugins.get(driver, name));
      } catch (error) {
        if (!isTsmachineError(error)) throw error;
        if (record) throw error; // it is known to be there
      }
    }
    return undefined;
  }

  async #complete(volume: Volume): Promise<Volume> {
    const record = await this.#records.get(volume.name).catch(() => undefined);
    if (record?.driver !== volume.driver) return volume;
    const { labels, options, anonymous } = record;
    return { ...volume, labels, options, anonymous };
  }
}
