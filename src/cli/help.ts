import { type Command, Help, type Interfaces } from '@oclif/core';
import { isTsmachineError } from '../shared/errors.js';
import { chosenDriver, driverFlags, namedDriver } from './driver-flags.js';
import { driverPlugins } from './driver-plugins.js';

/** Help of `create`, `adopt` and `gc` shows the flags of the driver that is named in the command line. */
export default class TsmachineHelp extends Help {
  override async showCommandHelp(command: Command.Loadable): Promise<void> {
    const driver = driverOf(command.id, process.argv.slice(2));
    const shown = driver === undefined ? command : await withDriverFlags(command, driver, this.config);
    await super.showCommandHelp(shown);
  }
}

function driverOf(command: string, argv: readonly string[]): string | undefined {
  if (command === 'create') return chosenDriver(argv, process.env);
  if (command === 'adopt') return namedDriver(argv) ?? 'ssh';
  return command === 'gc' ? namedDriver(argv) : undefined;
}

async function withDriverFlags(
  command: Command.Loadable,
  name: string,
  config: Interfaces.Config,
): Promise<Command.Loadable> {
  const { DriverRegistry } = await import('../drivers/registry.js');
  try {
    const definition = await new DriverRegistry(await driverPlugins(config.dataDir)).get(name);
    const flags = driverFlags(definition, process.env);
    for (const [key, flag] of Object.entries(flags)) flag.name = key;
    // oclif's help reads only what cached and full flags have in common.
    return { ...command, flags: { ...command.flags, ...(flags as Command.Loadable['flags']) } };
  } catch (error) {
    if (isTsmachineError(error)) return command; // no such driver: create says so, help goes on
    throw error;
  }
}
