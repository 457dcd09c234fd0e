import { Args, Flags } from '@oclif/core';
import { removeImage } from '../api/client/images.js';
import { machineFlag } from '../cli/docker/engine-command.js';
import { NamesCommand } from '../cli/docker/names-command.js';
import { platformFlag, refusePlatform } from '../cli/docker/platform-flag.js';

export default class Rmi extends NamesCommand {
  static override summary = 'Remove images';
  static override description = 'A name is taken from the image; the image goes with its last one.';
  static override examples = ['<%= config.bin %> rmi alpine:3.20', '<%= config.bin %> rmi -f 4f1c 8a2b'];
  static override args = {
    image: Args.string({ description: 'names or IDs', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...machineFlag,
    ...platformFlag,
    force: Flags.boolean({ char: 'f', description: 'although stopped containers are of it' }),
    'no-prune': Flags.boolean({ description: 'keep the images without a name that it was made of' }),
  };

  async run(): Promise<{ readonly done: readonly string[] }> {
    const { argv, flags } = await this.parse(Rmi);
    return await this.forEachName(argv, flags.machine, async (client, name) => {
      await refusePlatform(client, flags.platform, this.signal);
      const options = { force: flags.force, noprune: flags['no-prune'] };
      const items = await removeImage(client, name, options, this.signal);
      return items
        .map((item) => ('Untagged' in item ? `Untagged: ${item.Untagged}` : `Deleted: ${item.Deleted}`))
        .join('\n');
    });
  }
}
