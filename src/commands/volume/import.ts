import { Args, Flags } from '@oclif/core';
import { writeVolume } from '../../api/client/volume-archive.js';
import type { VolumeImport as Result } from '../../api/volume-archive.js';
import { EngineCommand, machineFlag } from '../../cli/docker/engine-command.js';
import { openImageTar } from '../../cli/docker/image-tar.js';

export default class VolumeImport extends EngineCommand {
  static override summary = 'Unpack a tar archive into a volume';
  static override description =
    'A volume is made when there is none, of the whole archive or not at all; what is in one and not in the archive stays. The archive may be compressed.';
  static override examples = [
    '<%= config.bin %> volume import data < data.tar',
    '<%= config.bin %> volume import -m web -i data.tar.gz data',
  ];
  static override args = {
    volume: Args.string({ required: true, description: 'volume', ignoreStdin: true }),
  };
  static override flags = {
    ...machineFlag,
    input: Flags.string({ char: 'i', description: 'read from this file, not from STDIN', helpValue: 'FILE' }),
  };

  async run(): Promise<Result> {
    const { args, flags } = await this.parse(VolumeImport);
    const tar = await openImageTar(flags.input, this.stdio.stdin);
    try {
      using client = await this.engineClient(flags.machine);
      const result = await writeVolume(client, args.volume, tar, { whole: true, signal: this.signal });
      this.log(`${args.volume}: ${result.Entries} files, sha256:${result.Digest}`);
      return result;
    } finally {
      tar.destroy();
    }
  }
}
