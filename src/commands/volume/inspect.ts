import { inspectVolume } from '../../api/client/volumes.js';
import { InspectCommand, inspectFlags, namesArgument } from '../../cli/docker/inspect-command.js';

export default class VolumeInspect extends InspectCommand {
  static override summary = 'Print what the engine knows of volumes as JSON';
  static override description =
    'An array with all that were found; a name that is not there ends the command with 1.';
  static override examples = [
    `<%= config.bin %> volume inspect data`,
    `<%= config.bin %> volume inspect -f '{{.Mountpoint}}' data`,
  ];
  static override args = namesArgument('volume');
  static override flags = inspectFlags;

  async run(): Promise<readonly object[]> {
    const { argv, flags } = await this.parse(VolumeInspect);
    return await this.inspect(argv, flags, (client, name) => inspectVolume(client, name, this.signal));
  }
}
