import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { declaredDrivers } from '../drivers/plugin.js';
import { writeFileAtomically } from '../shared/atomic-file.js';
import { systemErrorCode } from '../shared/errors.js';
import { isJsonObject, type JsonObject } from '../shared/json.js';
import { runOrThrow } from '../shared/spawn.js';
import { driverPackageAbsent, driverPackageEmpty, driverPackageNotInstalled } from './errors.js';

export interface InstalledPackage {
  readonly package: string;
  readonly version: string;
  readonly drivers: readonly string[];
}

/**
 * The packages of third parties' drivers: an npm project in oclif's data directory, whose list of plugins oclif reads at
 * each start. Install scripts are not run.
 */
export class DriverPackages {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * `specifier` is anything that npm installs: a name with or without a version, a directory, a tarball. Nothing stays
   * when it holds no driver. Throws DRIVER_PACKAGE_NOT_INSTALLED, DRIVER_PACKAGE_EMPTY.
   */
  async install(specifier: string, signal: AbortSignal): Promise<InstalledPackage> {
    await mkdir(this.#directory, { recursive: true });
    const before = await this.#manifest();
    const added = await this.#npmInstall(specifier, dependenciesOf(before), signal);
    const installed = await this.#installed(added);
    if (installed.drivers.length === 0) {
      await this.#uninstall(added, signal);
      throw driverPackageEmpty(added);
    }
    await this.#setPlugins((plugins) => [
      ...plugins.filter((plugin) => plugin['name'] !== added),
      { name: added, type: 'user', tag: installed.version },
    ]);
    return installed;
  }

  /** Throws DRIVER_PACKAGE_ABSENT. */
  async remove(name: string, signal: AbortSignal): Promise<void> {
    if (!(name in dependenciesOf(await this.#manifest()))) throw driverPackageAbsent(name);
    await this.#setPlugins((plugins) => plugins.filter((plugin) => plugin['name'] !== name));
    await this.#uninstall(name, signal);
  }

  /** The name of what was added. */
  async #npmInstall(specifier: string, before: JsonObject, signal: AbortSignal): Promise<string> {
    try {
      await this.#npm(['install', '--save-exact', specifier], signal);
    } catch (error) {
      signal.throwIfAborted();
      throw driverPackageNotInstalled(specifier, error);
    }
    const after = dependenciesOf(await this.#manifest());
    const added = Object.keys(after).find((name) => after[name] !== before[name]);
    return added ?? nameIn(specifier, after);
  }

  async #uninstall(name: string, signal: AbortSignal): Promise<void> {
    await this.#npm(['uninstall', name], signal);
  }

  async #npm(words: readonly string[], signal: AbortSignal): Promise<void> {
    const quiet = ['--prefix', this.#directory, '--ignore-scripts', '--no-audit', '--no-fund', '--omit=peer'];
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    await runOrThrow([npm, ...words, ...quiet, '--loglevel=error'], { signal, timeoutMs: 300_000 });
  }

  async #installed(name: string): Promise<InstalledPackage> {
    const manifest = await readJson(join(this.#directory, 'node_modules', name, 'package.json'));
    return {
      package: name,
      version: String(manifest['version']),
      drivers: Object.keys(declaredDrivers(manifest)),
    };
  }

  async #manifest(): Promise<JsonObject> {
    try {
      return await readJson(join(this.#directory, 'package.json'));
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return {};
      throw error;
    }
  }

  async #setPlugins(change: (plugins: readonly JsonObject[]) => readonly JsonObject[]): Promise<void> {
    const manifest = await this.#manifest();
    const oclif = isJsonObject(manifest['oclif']) ? manifest['oclif'] : {};
    const plugins = Array.isArray(oclif['plugins']) ? oclif['plugins'].filter(isJsonObject) : [];
    const changed = { ...manifest, private: true, oclif: { ...oclif, plugins: change(plugins) } };
    const text = `${JSON.stringify(changed, undefined, 2)}\n`;
    await writeFileAtomically(join(this.#directory, 'package.json'), text);
  }
}

async function readJson(path: string): Promise<JsonObject> {
  const value: unknown = JSON.parse(await readFile(path, 'utf8'));
  return isJsonObject(value) ? value : {};
}

function dependenciesOf(manifest: JsonObject): JsonObject {
  return isJsonObject(manifest['dependencies']) ? manifest['dependencies'] : {};
}

/** Of a package that was there in the same version already. */
function nameIn(specifier: string, dependencies: JsonObject): string {
  const names = Object.keys(dependencies);
  return (
    names.find((name) => specifier === name || specifier.startsWith(`${name}@`)) ??
    names.find((name) => String(dependencies[name]).endsWith(specifier)) ??
    specifier
  );
}
