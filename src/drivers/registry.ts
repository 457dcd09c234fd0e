import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { AnyDriverDefinition } from './driver.js';
import { ec2 } from './ec2/index.js';
import { driverNotFound } from './errors.js';
import { libvirt } from './libvirt/index.js';
import { none } from './none/index.js';
import type { DriverPlugin } from './plugin.js';
import { sandbox } from './sandbox/index.js';
import { ssh } from './ssh/index.js';

/** One entry per folder of drivers/, in the order in which help shows them. */
export const builtInDrivers: readonly AnyDriverDefinition[] = [sandbox, ssh, libvirt, ec2, none];

/** The built-in drivers and those of third parties, whose code is loaded when they are asked for. */
export class DriverRegistry {
  readonly #builtIn: readonly AnyDriverDefinition[];
  readonly #plugins: readonly DriverPlugin[];

  constructor(
    plugins: readonly DriverPlugin[] = [],
    builtIn: readonly AnyDriverDefinition[] = builtInDrivers,
  ) {
    this.#builtIn = builtIn;
    this.#plugins = plugins.filter(({ driver }) => !this.#isBuiltIn(driver));
  }

  builtIn(): readonly AnyDriverDefinition[] {
    return this.#builtIn;
  }

  /** Without those that have the name of a built-in driver. */
  plugins(): readonly DriverPlugin[] {
    return this.#plugins;
  }

  /**
   * By name or alias; a package never takes the place of a built-in driver. Throws DRIVER_NOT_FOUND, which names those
   * there are, DRIVER_PACKAGE_BROKEN, DRIVER_PACKAGE_VERSION.
   */
  async get(name: string): Promise<AnyDriverDefinition> {
    const found =
      this.#builtIn.find((definition) => definition.name === name) ??
      this.#builtIn.find((definition) => definition.aliases?.includes(name));
    if (found) return found;
    const plugin = this.#plugins.find(({ driver }) => driver === name);
    if (plugin) return plugin.load();
    const known = [
      ...this.#builtIn.map((definition) => definition.name),
      ...this.#plugins.map((p) => p.driver),
    ];
    throw driverNotFound(name, known, await legacyPlugin(name));
  }

  #isBuiltIn(name: string): boolean {
    return this.#builtIn.some((definition) => definition.name === name || definition.aliases?.includes(name));
  }
}

/** docker-machine's plugins are programs on PATH that speak a protocol of its own. */
async function legacyPlugin(name: string): Promise<string | undefined> {
  const program = `docker-machine-driver-${name}`;
  if (!/^[\w.-]+$/.test(name)) return undefined;
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const present = await access(join(directory, program), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (present) return program;
  }
  return undefined;
}
