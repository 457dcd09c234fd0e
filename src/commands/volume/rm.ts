import { Args, Flags } from '@oclif/core';
import { removeVolume } from '../../api/client/volumes.js';
import { machineFlag } from '../../cli/docker/engine-command.js';
import { NamesCommand } from '../../cli/docker/names-command.js';

export default class VolumeRm extends NamesCommand {
  static override summary = 'Remove volumes';
  static override description = 'With all that is in them; one that a container uses is kept.';
  static override examples = [
    '<%= config.bin %> volume rm data',
    '<%= config.bin %> volume rm -f old-1 old-2',
  ];
  static override args = {
    volume: Args.string({ description: 'names', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...machineFlag,
    force: Flags.boolean({ char: 'f', description: 'no error for a volume that is not there' }),
  };

  async run(): Promise<{ readonly done: readonly string[] }> {
    const { argv, flags } = await this.parse(VolumeRm);
    return await this.forEachName(argv, flags.machine, async (client, name) => {
      await removeVolume(client, name, { force: flags.force }, this.signal);
      return undefined;
    });
  }
}
