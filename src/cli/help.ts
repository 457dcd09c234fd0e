import { type Command, Help, type Interfaces } from '@oclif/core';
import { isTsmachineError } from '../shared/errors.js';
import { chosenDriver, driverFlags } from './driver-flags.js';
import { driverPlugins } from './driver-plugins.js';

/** Help of `create` shows the flags of the driver that is named in the command line. */
export default class TsmachineHelp extends Help {
  override async showCommandHelp(command: Command.Loadable): Promise<void> {
    await super.showCommandHelp(
      command.id === 'create' ? await withDriverFlags(command, this.config) : command,
    );
  }
}

async function withDriverFlags(
  command: Command.Loadable,
  config: Interfaces.Config,
): Promise<Command.Loadable> {
  const { DriverRegistry } = await import('../drivers/registry.js');
  try {
    const name = chosenDriver(process.argv.slice(2), process.env);
    const definition = await new DriverRegistry(driverPlugins(config)).get(name);
    const flags = driverFlags(definition, process.env);
    for (const [key, flag] of Object.entries(flags)) flag.name = key;
    // oclif's help reads only what cached and full flags have in common.
    return { ...command, flags: { ...command.flags, ...(flags as Command.Loadable['flags']) } };
  } catch (error) {
    if (isTsmachineError(error)) return command; // no such driver: create says so, help goes on
    throw error;
  }
}
