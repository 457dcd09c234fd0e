import { Args } from '@oclif/core';
import { actOnContainer } from '../api/client/container-actions.js';
import { machineFlag } from '../cli/docker/engine-command.js';
import { NamesCommand } from '../cli/docker/names-command.js';

export default class Pause extends NamesCommand {
  static override summary = 'Pause all processes in containers';
  static override description = 'The processes are frozen where they are, until "unpause".';
  static override examples = ['<%= config.bin %> pause web', '<%= config.bin %> pause -m my-machine web db'];
  static override args = {
    container: Args.string({ description: 'names or IDs', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...machineFlag,
  };

  async run(): Promise<{ readonly done: readonly string[] }> {
    const { argv, flags } = await this.parse(Pause);
    return await this.forEachName(argv, flags.machine, async (client, name) => {
      await actOnContainer(client, name, 'pause', {}, this.signal);
      return undefined;
    });
  }
}
