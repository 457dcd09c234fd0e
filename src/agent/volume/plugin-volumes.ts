import { errorMessage } from '../../shared/errors.js';
import { isJsonObject } from '../../shared/json.js';
import type { Logger } from '../../shared/logger.js';
import { pluginNotFound } from './errors.js';
import { callPlugin } from './plugin-client.js';
import { findPlugins, type PluginAddress, type PluginPlaces } from './plugin-directory.js';
import type { Volume } from './volume-store.js';

/** Docker waits as long for a volume plugin. */
const callMs = 120_000;
/** A listing must not hang because one plugin does. */
const listMs = 5_000;

type Options = Readonly<Record<string, string>>;

/** Volumes of drivers that are programs of third parties, spoken to by Docker's volume plugin protocol. */
export class PluginVolumes {
  readonly #places: PluginPlaces;
  readonly #log: Logger;
  /** Plugins that said they have volumes, with their scope; asked once for each address. */
  readonly #active = new Map<string, Promise<'local' | 'global'>>();

  constructor({ places, log }: { readonly places: PluginPlaces; readonly log: Logger }) {
    this.#places = places;
    this.#log = log;
  }

  /** Names of the drivers that are announced. */
  async names(): Promise<readonly string[]> {
    return [...(await findPlugins(this.#places)).keys()];
  }

  /** Throws PLUGIN_NOT_FOUND, PLUGIN_FAILED. */
  async create(driver: string, name: string, options: Options): Promise<void> {
    await this.#call(driver, 'Create', { Name: name, Opts: options });
  }

  async remove(driver: string, name: string): Promise<void> {
    await this.#call(driver, 'Remove', { Name: name });
  }

  /** Answers where it is mounted. */
  async mount(driver: string, name: string, id: string): Promise<string> {
    const { Mountpoint } = await this.#call(driver, 'Mount', { Name: name, ID: id });
    return String(Mountpoint ?? '');
  }

  async unmount(driver: string, name: string, id: string): Promise<void> {
    await this.#call(driver, 'Unmount', { Name: name, ID: id });
  }

  async get(driver: string, name: string): Promise<Volume> {
    const { Volume: found } = await this.#call(driver, 'Get', { Name: name });
    return this.#volumeOf(driver, found, await this.#scope(driver, name));
  }

  /** Of all plugins; one that does not answer is left out. */
  async list(): Promise<readonly Volume[]> {
    const drivers = await this.names();
    const lists = await Promise.all(drivers.map((driver) => this.#listOf(driver)));
    return lists.flat();
  }

  async #listOf(driver: string): Promise<readonly Volume[]> {
    try {
      const { Volumes } = await this.#call(driver, 'List', {}, listMs);
      const scope = await this.#scope(driver, '');
      return Array.isArray(Volumes) ? Volumes.map((each) => this.#volumeOf(driver, each, scope)) : [];
    } catch (error) {
      this.#log.warn('volume plugin does not answer', { driver, error: errorMessage(error) });
      return [];
    }
  }

  async #call(driver: string, method: string, body: object, timeoutMs = callMs) {
    const address = await this.#addressOf(driver, 'Name' in body ? String(body.Name) : '');
    await this.#activate(driver, address, timeoutMs);
    return callPlugin(address, `VolumeDriver.${method}`, body, timeoutMs);
  }

  async #addressOf(driver: string, name: string): Promise<PluginAddress> {
    const address = (await findPlugins(this.#places)).get(driver);
    if (!address) throw pluginNotFound(name, driver);
    return address;
  }

  async #scope(driver: string, name: string): Promise<'local' | 'global'> {
    return this.#activate(driver, await this.#addressOf(driver, name), listMs);
  }

  async #activate(driver: string, address: PluginAddress, timeoutMs: number): Promise<'local' | 'global'> {
    const key = `${driver} ${JSON.stringify(address)}`;
    const known = this.#active.get(key) ?? this.#handshake(driver, address, timeoutMs);
    this.#active.set(key, known);
    try {
      return await known;
    } catch (error) {
      this.#active.delete(key); // it may come up
      throw error;
    }
  }

  async #handshake(driver: string, address: PluginAddress, timeoutMs: number): Promise<'local' | 'global'> {
    const { Implements } = await callPlugin(address, 'Plugin.Activate', {}, timeoutMs);
    if (!Array.isArray(Implements) || !Implements.includes('VolumeDriver')) throw pluginNotFound('', driver);
    const { Capabilities } = await callPlugin(address, 'VolumeDriver.Capabilities', {}, timeoutMs).catch(
      (): Readonly<Record<string, unknown>> => ({}), // older plugins do not know it
    );
    return isJsonObject(Capabilities) && Capabilities['Scope'] === 'global' ? 'global' : 'local';
  }

  #volumeOf(driver: string, found: unknown, scope: 'local' | 'global'): Volume {
    const { Name, Mountpoint, CreatedAt, Status } = isJsonObject(found) ? found : {};
    return {
      ...{ name: String(Name ?? ''), driver, path: String(Mountpoint ?? ''), scope },
      createdAt: typeof CreatedAt === 'string' ? CreatedAt : '',
      ...{ labels: {}, options: {}, anonymous: false },
      ...(isJsonObject(Status) && Object.keys(Status).length > 0 && { status: Status }),
    };
  }
}
