import { Flags } from '@oclif/core';
import { loadImages } from '../api/client/images.js';
import { EngineCommand, machineFlag } from '../cli/docker/engine-command.js';
import { openImageTar } from '../cli/docker/image-tar.js';
import { platformFlag, refusePlatform } from '../cli/docker/platform-flag.js';
import { showProgress } from '../cli/docker/pull-image.js';

export default class Load extends EngineCommand {
  static override summary = 'Load images from a tar archive, as "docker save" makes it';
  static override description =
    'Reads standard input unless a file is given. Layers that the machine has already are not unpacked again.';
  static override examples = [
    '<%= config.bin %> load -i images.tar',
    'docker save alpine | <%= config.bin %> load',
  ];
  static override enableJsonFlag = false;
  static override flags = {
    ...machineFlag,
    ...platformFlag,
    input: Flags.string({ char: 'i', description: 'read from this file, not from STDIN', helpValue: 'FILE' }),
    quiet: Flags.boolean({ char: 'q', description: 'suppress the progress' }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(Load);
    const { stdin, stdout } = this.stdio;
    const tar = await openImageTar(flags.input, stdin);
    try {
      using client = await this.engineClient(flags.machine);
      await refusePlatform(client, flags.platform, this.signal);
      const quiet = flags.quiet || !stdout.isTTY;
      await showProgress(loadImages(client, tar, { quiet }, this.signal), stdout);
    } finally {
      tar.destroy();
    }
  }
}
