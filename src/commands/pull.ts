import { Args, Flags } from '@oclif/core';
import { EngineCommand, machineFlag } from '../cli/docker/engine-command.js';
import { parseImageReference } from '../cli/docker/image-reference.js';
import { pullWithProgress } from '../cli/docker/pull-image.js';

export default class Pull extends EngineCommand {
  static override summary = 'Download an image from a registry';
  static override description =
    `The engine of the machine downloads, not this computer; layers that it has are not fetched again.`;
  static override examples = ['<%= config.bin %> pull alpine:3.20', '<%= config.bin %> pull -q nginx'];
  static override args = {
    image: Args.string({ description: 'NAME[:TAG|@DIGEST]', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...machineFlag,
    quiet: Flags.boolean({ char: 'q', description: 'print only the name of the image' }),
    platform: Flags.string({ description: 'platform of the image', helpValue: 'OS/ARCH' }),
  };

  async run(): Promise<{ readonly image: string }> {
    const { args, flags } = await this.parse(Pull);
    const image = parseImageReference(args.image);
    using client = await this.engineClient(flags.machine);
    const isSilent = flags.quiet || this.jsonEnabled();
    if (!image.hasTag && !isSilent) this.log(`Using default tag: ${image.tag}`);
    const output = isSilent ? undefined : this.stdio.stdout;
    const authorization = await this.registryAuthorization(image.name);
    await pullWithProgress(client, image, { platform: flags.platform, authorization, output }, this.signal);
    this.log(image.canonical);
    return { image: image.canonical };
  }
}
