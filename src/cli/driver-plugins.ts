import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type DriverPlugin, driversOf } from '../drivers/plugin.js';
import { packageRoot } from '../shared/package-root.js';
import { installedPlugins } from './installed-plugins.js';

/** The drivers in the packages that `driver install` has put into oclif's data directory; loads none of them. */
export async function driverPlugins(dataDirectory: string): Promise<readonly DriverPlugin[]> {
  const packages = await installedPlugins(dataDirectory);
  return packages.flatMap((found) => driversOf(found, importFromPlugin));
}

async function importFromPlugin(root: string, path: string): Promise<unknown> {
  provideContract();
  return await import(pathToFileURL(join(root, path)).href);
}

let provided = false;

/** Whatever is installed beside a package, its `tsmachine/driver` is this program's. */
function provideContract(): void {
  if (provided) return;
  provided = true;
  const url = pathToFileURL(join(packageRoot(), 'dist', 'cli', 'driver.js')).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'tsmachine/driver' ? { url, shortCircuit: true } : next(specifier, context),
  });
}
