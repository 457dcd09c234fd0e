import { Args } from '@oclif/core';
import { actOnContainer } from '../api/client/container-actions.js';
import { machineFlag } from '../cli/docker/engine-command.js';
import { NamesCommand } from '../cli/docker/names-command.js';

export default class Unpause extends NamesCommand {
  static override summary = 'Let the processes in paused containers go on';
  static override description = 'The opposite of "pause".';
  static override examples = [
    '<%= config.bin %> unpause web',
    '<%= config.bin %> unpause -m my-machine web db',
  ];
  static override args = {
    container: Args.string({ description: 'names or IDs', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...machineFlag,
  };

  async run(): Promise<{ readonly done: readonly string[] }> {
    const { argv, flags } = await this.parse(Unpause);
    return await this.forEachName(argv, flags.machine, async (client, name) => {
      await actOnContainer(client, name, 'unpause', {}, this.signal);
      return undefined;
    });
  }
}
