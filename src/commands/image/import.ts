import { Args, Flags } from '@oclif/core';
import { importImage } from '../../api/client/images.js';
import { EngineCommand } from '../../cli/docker/engine-command.js';
import { parseImageReference } from '../../cli/docker/image-reference.js';
import { openImageTar } from '../../cli/docker/image-tar.js';
import { showProgress } from '../../cli/docker/pull-image.js';

export default class ImageImport extends EngineCommand {
  static override summary = 'Make an image of a tar archive of files';
  static override description =
    'An image of one layer, such as of what "container export" wrote. Prints its ID. "-" is STDIN.';
  static override examples = [
    '<%= config.bin %> image import files.tar my-image:v1',
    `tar c . | <%= config.bin %> image import -c 'CMD ["sh"]' - my-image`,
  ];
  static override enableJsonFlag = false;
  static override args = {
    file: Args.string({ description: 'FILE or -', required: true, ignoreStdin: true }),
    image: Args.string({ description: 'name of the image, REPOSITORY[:TAG]', ignoreStdin: true }),
  };
  static override flags = {
    machine: Flags.string({ description: 'machine to work on; else the active one', helpValue: 'NAME' }),
    change: Flags.string({
      ...{ char: 'c', description: 'Dockerfile instruction to apply to the image', helpValue: 'INSTRUCTION' },
      ...{ multiple: true, multipleNonGreedy: true },
    }),
    message: Flags.string({ char: 'm', description: 'what it is' }),
    platform: Flags.string({ description: 'platform of the image', helpValue: 'OS/ARCH' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ImageImport);
    const name = args.image === undefined ? undefined : parseImageReference(args.image);
    const { stdin, stdout } = this.stdio;
    const tar = await openImageTar(args.file === '-' ? undefined : args.file, stdin);
    try {
      using client = await this.engineClient(flags.machine);
      const options = {
        repo: name?.name,
        tag: name?.hasTag ? name.tag : undefined,
        message: flags.message,
        platform: flags.platform,
        changes: flags.change?.join('\n'),
      };
      await showProgress(importImage(client, tar, options, this.signal), stdout);
    } finally {
      tar.destroy();
    }
  }
}
