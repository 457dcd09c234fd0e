import { isTsmachineError } from '../../shared/errors.js';
import { pluginNotFound } from './errors.js';
import { callPlugin, type PluginAnswer } from './plugin-client.js';
import { findPlugins, type PluginAddress, type PluginPlaces } from './plugin-directory.js';

/** What a plugin can be, in the words of the protocol's handshake. */
export type PluginKind = 'VolumeDriver' | 'NetworkDriver' | 'IpamDriver';

/** Docker waits as long for a plugin. */
const callMs = 120_000;
/** Who only wants to know what there is does not wait for one that is stuck. */
const askMs = 2000;

/** The programs of third parties that announce themselves on this host as Docker's plugins. */
export class Plugins {
  readonly #places: PluginPlaces;
  /** What the plugin at an address says it is; asked once. */
  readonly #kinds = new Map<string, Promise<readonly string[]>>();

  constructor(places: PluginPlaces) {
    this.#places = places;
  }

  /** Those that are announced now; whether they answer is not known. */
  async names(): Promise<readonly string[]> {
    return [...(await findPlugins(this.#places)).keys()];
  }

  /** Those that are announced, answer soon, and are of this kind. */
  async named(kind: PluginKind, timeoutMs = askMs): Promise<readonly string[]> {
    const names = await this.names();
    const are = await Promise.all(names.map((name) => this.#is(name, kind, timeoutMs)));
    return names.filter((_name, at) => are[at]);
  }

  /** Whether it is announced, answers, and is of this kind. */
  async has(name: string, kind: PluginKind): Promise<boolean> {
    return this.#is(name, kind, callMs);
  }

  async #is(name: string, kind: PluginKind, timeoutMs: number): Promise<boolean> {
    return this.#activated(name, kind, timeoutMs).then(
      () => true,
      (error) => {
        if (isTsmachineError(error)) return false;
        throw error;
      },
    );
  }

  /** Throws PLUGIN_NOT_FOUND, PLUGIN_FAILED. */
  async call(
    name: string,
    kind: PluginKind,
    method: string,
    body: object,
    timeoutMs = callMs,
  ): Promise<PluginAnswer> {
    const address = await this.#activated(name, kind, timeoutMs);
    return callPlugin(address, `${kind}.${method}`, body, timeoutMs);
  }

  async #activated(name: string, kind: PluginKind, timeoutMs: number): Promise<PluginAddress> {
    const address = (await findPlugins(this.#places)).get(name);
    if (!address || !(await this.#kindsAt(name, address, timeoutMs)).includes(kind))
      throw pluginNotFound(name);
    return address;
  }

  async #kindsAt(name: string, address: PluginAddress, timeoutMs: number): Promise<readonly string[]> {
    const key = `${name} ${JSON.stringify(address)}`;
    const known = this.#kinds.get(key) ?? handshake(address, timeoutMs);
    this.#kinds.set(key, known);
    try {
      return await known;
    } catch (error) {
      this.#kinds.delete(key); // it may come up
      throw error;
    }
  }
}

async function handshake(address: PluginAddress, timeoutMs: number): Promise<readonly string[]> {
  const { Implements } = await callPlugin(address, 'Plugin.Activate', {}, timeoutMs);
  return Array.isArray(Implements) ? Implements.map(String) : [];
}
