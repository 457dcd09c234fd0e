import { Args, Flags } from '@oclif/core';
import { updateContainer } from '../api/client/container-actions.js';
import { NamesCommand } from '../cli/docker/names-command.js';
import { resourceFlags } from '../cli/docker/resource-flags.js';
import { resourceLimits } from '../cli/docker/resource-limits.js';

export default class Update extends NamesCommand {
  static override summary = 'Change the limits of containers';
  static override description = 'Of those that run at once; and what happens when they end (--restart).';
  static override examples = [
    '<%= config.bin %> update --memory 512m --memory-swap 1g web',
    '<%= config.bin %> update --cpus 1.5 --restart unless-stopped web db',
  ];
  static override args = {
    container: Args.string({ description: 'names or IDs', required: true, ignoreStdin: true }),
  };
  static override flags = {
    machine: Flags.string({ description: 'machine to work on; else the active one', helpValue: 'NAME' }),
    ...resourceFlags,
  };

  async run(): Promise<{ readonly done: readonly string[] }> {
    const { argv, flags } = await this.parse(Update);
    const body = resourceLimits(flags);
    return await this.forEachName(argv, flags.machine, async (client, name) => {
      const warnings = await updateContainer(client, name, body, this.signal);
      for (const warning of warnings) this.logToStderr(`WARNING: ${warning}`);
      return undefined;
    });
  }
}
