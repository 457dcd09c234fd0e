import { Args, Flags } from '@oclif/core';
import { actOnContainer } from '../../api/client/container-actions.js';
import { machineFlag } from '../../cli/docker/engine-command.js';
import { NamesCommand } from '../../cli/docker/names-command.js';

export default class ContainerRestart extends NamesCommand {
  static override summary = 'Restart containers';
  static override description =
    'Stops and starts each container; one that does not run is started. A machine is restarted by "restart".';
  static override examples = [
    '<%= config.bin %> container restart web',
    '<%= config.bin %> container restart -t 1 web db',
  ];
  static override args = {
    container: Args.string({ description: 'names or IDs', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...machineFlag,
    signal: Flags.string({
      ...{ char: 's', description: 'signal that asks it to end; else its own', helpValue: 'SIGNAL' },
    }),
    time: Flags.integer({
      ...{ char: 't', aliases: ['timeout'], description: 'seconds until it is killed, -1 for never' },
      helpValue: 'SECONDS',
    }),
  };

  async run(): Promise<{ readonly done: readonly string[] }> {
    const { argv, flags } = await this.parse(ContainerRestart);
    return await this.forEachName(argv, flags.machine, async (client, name) => {
      await actOnContainer(client, name, 'restart', { signal: flags.signal, t: flags.time }, this.signal);
      return undefined;
    });
  }
}
