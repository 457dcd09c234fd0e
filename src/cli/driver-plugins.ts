import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Interfaces } from '@oclif/core';
import { type DriverPlugin, driversOf } from '../drivers/plugin.js';
import { packageRoot } from '../shared/package-root.js';

/** The drivers in the packages that oclif has found as plugins; reads nothing and loads nothing. */
export function driverPlugins(config: Interfaces.Config): readonly DriverPlugin[] {
  return [...config.plugins.values()].flatMap(({ name, version, root, pjson }) =>
    driversOf({ name, version, root, manifest: pjson }, importFromPlugin),
  );
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
