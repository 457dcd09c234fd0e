import { Args } from '@oclif/core';
import { tagImage } from '../api/client/images.js';
import { EngineCommand, machineFlag } from '../cli/docker/engine-command.js';
import { parseImageReference } from '../cli/docker/image-reference.js';

export default class Tag extends EngineCommand {
  static override summary = 'Give an image a further name';
  static override description = 'Another image that has the name loses it.';
  static override examples = [
    '<%= config.bin %> tag alpine my-alpine:v1',
    '<%= config.bin %> tag 4f1c registry:5000/team/app',
  ];
  static override args = {
    image: Args.string({ description: 'name or ID', required: true, ignoreStdin: true }),
    name: Args.string({ description: 'new name, NAME[:TAG]', required: true, ignoreStdin: true }),
  };
  static override flags = machineFlag;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Tag);
    const { name, tag } = parseImageReference(args.name);
    using client = await this.engineClient(flags.machine);
    await tagImage(client, args.image, { repo: name, tag }, this.signal);
  }
}
