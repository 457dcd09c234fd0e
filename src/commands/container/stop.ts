import { Args, Flags } from '@oclif/core';
import { actOnContainer } from '../../api/client/container-actions.js';
import { machineFlag } from '../../cli/docker/engine-command.js';
import { NamesCommand } from '../../cli/docker/names-command.js';

export default class ContainerStop extends NamesCommand {
  static override summary = 'Stop running containers';
  static override description =
    'Asks the program in each container to end, and kills it when it has not after the time that is given, or that the container was made with. A machine is stopped by "stop".';
  static override examples = [
    '<%= config.bin %> container stop web',
    '<%= config.bin %> container stop -t 30 web db',
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
    const { argv, flags } = await this.parse(ContainerStop);
    return await this.forEachName(argv, flags.machine, async (client, name) => {
      await actOnContainer(client, name, 'stop', { signal: flags.signal, t: flags.time }, this.signal);
      return undefined;
    });
  }
}
