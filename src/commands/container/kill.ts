import { Args, Flags } from '@oclif/core';
import { actOnContainer } from '../../api/client/container-actions.js';
import { machineFlag } from '../../cli/docker/engine-command.js';
import { NamesCommand } from '../../cli/docker/names-command.js';

export default class ContainerKill extends NamesCommand {
  static override summary = 'Kill running containers';
  static override description =
    'Sends KILL, or another signal, to the first process of each container. A machine is killed by "kill".';
  static override examples = [
    '<%= config.bin %> container kill web',
    '<%= config.bin %> container kill -s HUP web',
  ];
  static override args = {
    container: Args.string({ description: 'names or IDs', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...machineFlag,
    signal: Flags.string({ char: 's', description: 'signal to send', default: 'KILL', helpValue: 'SIGNAL' }),
  };

  async run(): Promise<{ readonly done: readonly string[] }> {
    const { argv, flags } = await this.parse(ContainerKill);
    return await this.forEachName(argv, flags.machine, async (client, name) => {
      await actOnContainer(client, name, 'kill', { signal: flags.signal }, this.signal);
      return undefined;
    });
  }
}
