import { Args, Flags } from '@oclif/core';
import { saveImages } from '../api/client/images.js';
import { EngineCommand, machineFlag } from '../cli/docker/engine-command.js';
import { platformFlag, refusePlatform } from '../cli/docker/platform-flag.js';
import { writeArchive } from '../cli/docker/write-archive.js';

export default class Save extends EngineCommand {
  static override summary = 'Write images to a tar archive that "load" reads';
  static override description = 'To a file, or to STDOUT when that is no terminal.';
  static override examples = [
    '<%= config.bin %> save -o images.tar alpine nginx',
    '<%= config.bin %> save -m a my-app | <%= config.bin %> load -m b',
  ];
  static override enableJsonFlag = false;
  static override strict = false;
  static override args = {
    image: Args.string({ description: 'names or IDs', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...machineFlag,
    ...platformFlag,
    output: Flags.string({ char: 'o', description: 'write to this file, not to STDOUT', helpValue: 'FILE' }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Save);
    using client = await this.engineClient(flags.machine);
    await refusePlatform(client, flags.platform, this.signal);
    const ask = () => saveImages(client, argv.map(String), this.signal);
    await writeArchive(ask, flags.output, this.stdio.stdout, this.signal);
  }
}
