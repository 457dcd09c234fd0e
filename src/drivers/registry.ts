import type { AnyDriverDefinition } from './driver.js';
import { driverNotFound } from './errors.js';
import { sandbox } from './sandbox/index.js';
import { ssh } from './ssh/index.js';

/** One entry per folder of drivers/, in the order in which help shows them. */
export const builtInDrivers: readonly AnyDriverDefinition[] = [sandbox, ssh];

export class DriverRegistry {
  readonly #definitions: readonly AnyDriverDefinition[];

  constructor(definitions: readonly AnyDriverDefinition[] = builtInDrivers) {
    this.#definitions = definitions;
  }

  list(): readonly AnyDriverDefinition[] {
    return this.#definitions;
  }

  /** By name or alias. Throws DRIVER_NOT_FOUND, which names those there are. */
  get(name: string): AnyDriverDefinition {
    const found =
      this.#definitions.find((definition) => definition.name === name) ??
      this.#definitions.find((definition) => definition.aliases?.includes(name));
    if (found) return found;
    throw driverNotFound(
      name,
      this.#definitions.map((definition) => definition.name),
    );
  }
}
