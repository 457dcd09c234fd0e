import { errorMessage, isTsmachineError } from '../../shared/errors.js';
import { isJsonObject } from '../../shared/json.js';
import type { Logger } from '../../shared/logger.js';
import type { Plugins } from '../plugin/plugins.js';
import { volumePluginNotFound } from './errors.js';
import type { Volume } from './volume-store.js';

/** A listing must not hang because one plugin does. */
const listMs = 5_000;

type Options = Readonly<Record<string, string>>;

/** Volumes of drivers that are programs of third parties, spoken to by Docker's volume plugin protocol. */
export class PluginVolumes {
  readonly #plugins: Plugins;
  readonly #log: Logger;
  /** Asked once for each driver. */
  readonly #scopes = new Map<string, 'local' | 'global'>();

  constructor({ plugins, log }: { readonly plugins: Plugins; readonly log: Logger }) {
    this.#plugins = plugins;
    this.#log = log;
  }

  /** Names of the plugins that are announced, of whatever kind. */
  async names(): Promise<readonly string[]> {
    return this.#plugins.names();
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
    return this.#volumeOf(driver, found, await this.#scope(driver));
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
      const scope = await this.#scope(driver);
      return Array.isArray(Volumes) ? Volumes.map((each) => this.#volumeOf(driver, each, scope)) : [];
    } catch (error) {
      if (isTsmachineError(error) && error.code === 'PLUGIN_NOT_FOUND') return []; // of another kind
      this.#log.warn('volume plugin does not answer', { driver, error: errorMessage(error) });
      return [];
    }
  }

  async #call(driver: string, method: string, body: object, timeoutMs?: number) {
    try {
      return await this.#plugins.call(driver, 'VolumeDriver', method, body, timeoutMs);
    } catch (error) {
      if (!isTsmachineError(error) || error.code !== 'PLUGIN_NOT_FOUND') throw error;
      throw volumePluginNotFound('Name' in body ? String(body.Name) : '', driver);
    }
  }

  /** Older plugins do not tell. */
  async #scope(driver: string): Promise<'local' | 'global'> {
    const known = this.#scopes.get(driver);
    if (known) return known;
    const { Capabilities } = await this.#call(driver, 'Capabilities', {}, listMs).catch(
      (): Readonly<Record<string, unknown>> => ({}),
    );
    const scope = isJsonObject(Capabilities) && Capabilities['Scope'] === 'global' ? 'global' : 'local';
    this.#scopes.set(driver, scope);
    return scope;
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
