import { Args, Flags } from '@oclif/core';
import { EngineCommand, machineFlag } from '../cli/docker/engine-command.js';
import { tagWithAllTags } from '../cli/docker/errors.js';
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
    'all-tags': Flags.boolean({ char: 'a', description: 'all tags of this name' }),
    'disable-content-trust': Flags.boolean({ hidden: true, default: true, allowNo: true }),
    platform: Flags.string({ description: 'platform of the image', helpValue: 'OS/ARCH' }),
  };

  async run(): Promise<{ readonly image: string }> {
    const { args, flags } = await this.parse(Pull);
    const all = flags['all-tags'];
    const image = parseImageReference(args.image);
    if (all && image.hasTag) throw tagWithAllTags();
    using client = await this.engineClient(flags.machine);
    const isSilent = flags.quiet || this.jsonEnabled();
    if (!image.hasTag && !all && !isSilent) this.log(`Using default tag: ${image.tag}`);
    const output = isSilent ? undefined : this.stdio.stdout;
    const authorization = await this.registryAuthorization(image.name);
    const wanted = all ? { ...image, tag: '' } : image;
    await pullWithProgress(client, wanted, { platform: flags.platform, authorization, output }, this.signal);
    const name = all ? image.canonical.replace(/:latest$/, '') : image.canonical;
    this.log(name);
    return { image: name };
  }
}
