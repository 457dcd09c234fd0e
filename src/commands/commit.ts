import { Args } from '@oclif/core';
import { commitContainer } from '../api/client/container-actions.js';
import { commitFlags, commitOptions } from '../cli/docker/commit-flags.js';
import { EngineCommand } from '../cli/docker/engine-command.js';

export default class Commit extends EngineCommand {
  static override summary = 'Make an image of the changes in a container';
  static override description =
    'The container is paused meanwhile, unless --no-pause is given. Prints the ID of the image.';
  static override examples = [
    '<%= config.bin %> commit web my-web:v2',
    `<%= config.bin %> commit -c 'CMD ["nginx"]' -a me --message "with index" web my-web`,
  ];
  static override args = {
    container: Args.string({ description: 'name or ID', required: true, ignoreStdin: true }),
    image: Args.string({ description: 'REPOSITORY[:TAG]; else the image has no name', ignoreStdin: true }),
  };
  static override flags = commitFlags;

  async run(): Promise<{ readonly image: string }> {
    const { args, flags } = await this.parse(Commit);
    const options = commitOptions(args.image, flags);
    using client = await this.engineClient(flags.machine);
    const image = await commitContainer(client, args.container, options, this.signal);
    this.log(image);
    return { image };
  }
}
