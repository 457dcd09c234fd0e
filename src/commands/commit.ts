import { Args, Flags } from '@oclif/core';
import { commitContainer } from '../api/client/container-actions.js';
import { EngineCommand } from '../cli/docker/engine-command.js';
import { parseImageReference } from '../cli/docker/image-reference.js';

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
  static override flags = {
    machine: Flags.string({ description: 'machine to work on; else the active one', helpValue: 'NAME' }),
    author: Flags.string({ char: 'a', description: 'author of the image' }),
    change: Flags.string({
      ...{ char: 'c', description: 'Dockerfile instruction to apply to the image', helpValue: 'INSTRUCTION' },
      ...{ multiple: true, multipleNonGreedy: true },
    }),
    message: Flags.string({ char: 'm', description: 'what was done' }),
    pause: Flags.boolean({
      ...{ char: 'p', description: 'pause the container meanwhile', default: true, allowNo: true },
    }),
  };

  async run(): Promise<{ readonly image: string }> {
    const { args, flags } = await this.parse(Commit);
    const name = args.image === undefined ? undefined : parseImageReference(args.image);
    using client = await this.engineClient(flags.machine);
    const options = {
      repo: name?.name,
      tag: name?.hasTag ? name.tag : undefined,
      author: flags.author,
      comment: flags.message,
      pause: flags.pause,
      changes: flags.change?.join('\n'),
    };
    const image = await commitContainer(client, args.container, options, this.signal);
    this.log(image);
    return { image };
  }
}
