import { Args, Flags } from '@oclif/core';
import { pushImage } from '../api/client/images.js';
import { EngineCommand, machineFlag } from '../cli/docker/engine-command.js';
import { tagWithAllTags } from '../cli/docker/errors.js';
import { parseImageReference } from '../cli/docker/image-reference.js';
import { platformFlag, refusePlatform } from '../cli/docker/platform-flag.js';
import { showProgress } from '../cli/docker/pull-image.js';

export default class Push extends EngineCommand {
  static override summary = 'Upload an image to a registry';
  static override description = 'The name of the image says to which; "tag" gives it a further one.';
  static override examples = [
    '<%= config.bin %> push registry:5000/team/app:v1',
    '<%= config.bin %> push -q registry:5000/team/app',
  ];
  static override args = {
    image: Args.string({ description: 'NAME[:TAG]', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...machineFlag,
    ...platformFlag,
    quiet: Flags.boolean({ char: 'q', description: 'print only the name of the image' }),
    'disable-content-trust': Flags.boolean({ hidden: true, default: true, allowNo: true }),
    'all-tags': Flags.boolean({ char: 'a', description: 'all tags of this name' }),
  };

  async run(): Promise<{ readonly image: string }> {
    const { args, flags } = await this.parse(Push);
    const image = parseImageReference(args.image);
    if (flags['all-tags'] && image.hasTag) throw tagWithAllTags();
    using client = await this.engineClient(flags.machine);
    await refusePlatform(client, flags.platform, this.signal);
    const isSilent = flags.quiet || this.jsonEnabled();
    if (!image.hasTag && !flags['all-tags'] && !isSilent) this.log(`Using default tag: ${image.tag}`);
    const options = {
      name: image.name,
      tag: flags['all-tags'] ? '' : image.tag,
      authorization: await this.registryAuthorization(image.name),
    };
    await showProgress(pushImage(client, options, this.signal), isSilent ? undefined : this.stdio.stdout);
    if (flags.quiet) this.log(image.canonical);
    return { image: image.canonical };
  }
}
