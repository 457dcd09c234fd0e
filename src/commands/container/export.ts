import { Args, Flags } from '@oclif/core';
import { exportContainer } from '../../api/client/container-files.js';
import { EngineCommand, machineFlag } from '../../cli/docker/engine-command.js';
import { writeArchive } from '../../cli/docker/write-archive.js';

export default class ContainerExport extends EngineCommand {
  static override summary = 'Write the files of a container to a tar archive';
  static override description =
    'To a file, or to STDOUT when that is no terminal. "image import" makes an image of it. A machine is exported by "export".';
  static override examples = [
    '<%= config.bin %> container export -o web.tar web',
    '<%= config.bin %> container export web | tar t',
  ];
  static override enableJsonFlag = false;
  static override args = {
    container: Args.string({ description: 'name or ID', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...machineFlag,
    output: Flags.string({ char: 'o', description: 'write to this file, not to STDOUT', helpValue: 'FILE' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ContainerExport);
    using client = await this.engineClient(flags.machine);
    const ask = () => exportContainer(client, args.container, this.signal);
    await writeArchive(ask, flags.output, this.stdio.stdout, this.signal);
  }
}
