import type { DriverRegistry } from '../drivers/registry.js';
import type { SearchScope } from '../machine/collect-garbage.js';
import { errorMessage } from '../shared/errors.js';
import type { Reporter } from '../shared/reporter.js';
import { defaultOptions } from './driver-flags.js';

/** Each driver where it works when no flag is given; those that need one are left out. */
export async function defaultScopes(
  drivers: DriverRegistry,
  environment: NodeJS.ProcessEnv,
  reporter: Reporter,
): Promise<readonly SearchScope[]> {
  const ofPlugins = drivers.plugins().map((plugin) =>
    plugin.load().catch((error: unknown) => {
      reporter.warn(`driver ${plugin.driver} was not searched: ${errorMessage(error)}`);
      return undefined;
    }),
  );
  const definitions = [...drivers.builtIn(), ...(await Promise.all(ofPlugins))];
  return definitions.flatMap((definition) => {
    const options = definition && defaultOptions(definition, environment);
    return options ? [{ driver: definition.name, options }] : [];
  });
}
