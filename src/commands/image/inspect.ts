import { inspectImage } from '../../api/client/images.js';
import { InspectCommand, inspectFlags, namesArgument } from '../../cli/docker/inspect-command.js';
import { platformFlag, refusePlatform } from '../../cli/docker/platform-flag.js';

export default class ImageInspect extends InspectCommand {
  static override summary = 'Print what the engine knows of images as JSON';
  static override description =
    'An array with all that were found; a name that is not there ends the command with 1.';
  static override examples = [
    `<%= config.bin %> image inspect alpine`,
    `<%= config.bin %> image inspect -f '{{.Config.Cmd}}' alpine`,
  ];
  static override args = namesArgument('image');
  static override flags = { ...inspectFlags, ...platformFlag };

  async run(): Promise<readonly object[]> {
    const { argv, flags } = await this.parse(ImageInspect);
    return await this.inspect(argv, flags, async (client, name) => {
      await refusePlatform(client, flags.platform, this.signal);
      return await inspectImage(client, name, this.signal);
    });
  }
}
