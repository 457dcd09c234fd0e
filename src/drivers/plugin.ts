import { isJsonObject, type JsonObject } from '../shared/json.js';
import type { AnyDriverDefinition } from './driver.js';
import { driverPackageBroken, driverPackageVersion } from './errors.js';

/** A driver of a third party's package, by what the package's manifest says; its code is not loaded yet. */
export interface DriverPlugin {
  readonly driver: string;
  readonly package: string;
  readonly version: string;
  /** Throws DRIVER_PACKAGE_BROKEN, DRIVER_PACKAGE_VERSION. */
  load(): Promise<AnyDriverDefinition>;
}

/** A package as oclif found it. */
export interface PluginPackage {
  readonly name: string;
  readonly version: string;
  /** Absolute path of the package's directory. */
  readonly root: string;
  /** Its package.json. */
  readonly manifest: unknown;
}

/** The version of the driver contract (`driver.ts`) that this program has. */
export const driverApiVersion = 1;

/**
 * The drivers that a package's manifest declares: `"tsmachine": {"drivers": {"rack": "./dist/index.js"}}`, each module
 * with the definition as its export `driver`. `importModule` loads a module by absolute path.
 */
export function driversOf(
  found: PluginPackage,
  importModule: (root: string, path: string) => Promise<unknown>,
): readonly DriverPlugin[] {
  return Object.entries(declaredDrivers(found.manifest)).map(([driver, path]) => ({
    driver,
    package: found.name,
    version: found.version,
    load: async () => checked(found, driver, await imported(found, path, importModule)),
  }));
}

/** What a package.json says of drivers: module paths by driver name. */
export function declaredDrivers(manifest: unknown): JsonObject {
  if (!isJsonObject(manifest) || !isJsonObject(manifest['tsmachine'])) return {};
  const { drivers } = manifest['tsmachine'];
  return isJsonObject(drivers) ? drivers : {};
}

async function imported(
  found: PluginPackage,
  path: unknown,
  importModule: (root: string, path: string) => Promise<unknown>,
): Promise<unknown> {
  if (typeof path !== 'string') throw driverPackageBroken(found.name, 'its manifest names no module');
  try {
    return await importModule(found.root, path);
  } catch (error) {
    throw driverPackageBroken(found.name, `"${path}" cannot be loaded`, error);
  }
}

function checked(found: PluginPackage, name: string, module: unknown): AnyDriverDefinition {
  const definition = isRecord(module) ? module['driver'] : undefined;
  if (!isRecord(definition)) throw driverPackageBroken(found.name, 'its module has no export "driver"');
  if (definition['apiVersion'] !== driverApiVersion) {
    throw driverPackageVersion(found.name, definition['apiVersion'], driverApiVersion);
  }
  if (definition['name'] !== name) {
    throw driverPackageBroken(found.name, `it declares "${name}" but exports "${definition['name']}"`);
  }
  if (!isRecord(definition['options']) || typeof definition['load'] !== 'function') {
    throw driverPackageBroken(found.name, 'its export "driver" is not a driver definition');
  }
  // What code relies on was looked at above; the rest is the contract's, which the package was compiled against.
  return definition as unknown as AnyDriverDefinition;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
