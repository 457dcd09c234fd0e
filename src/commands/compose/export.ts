import { Args, Flags } from '@oclif/core';
import { exportContainer } from '../../api/client/container-files.js';
import { composeFlags } from '../../cli/compose/flags.js';
import { indexFlag } from '../../cli/compose/index-flag.js';
import { serviceContainer } from '../../cli/compose/one-container.js';
import { ProjectCommand } from '../../cli/compose/project-command.js';
import { writeArchive } from '../../cli/docker/write-archive.js';

export default class ComposeExport extends ProjectCommand {
  static override summary = 'Write the files of a container of a service to a tar archive';
  static override description = 'To a file, or to STDOUT when that is no terminal. It need not run.';
  static override examples = [
    '<%= config.bin %> compose export -o web.tar web',
    '<%= config.bin %> compose export --index 2 web | tar t',
  ];
  static override args = {
    service: Args.string({ description: 'service', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...composeFlags,
    ...indexFlag,
    output: Flags.string({ char: 'o', description: 'write to this file, not to STDOUT', helpValue: 'FILE' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ComposeExport);
    await this.withProjectOrLabels(flags, { services: [args.service], along: 'none' }, async (open) => {
      const { id, machine } = await serviceContainer(open, args.service, flags.index);
      if (open.dryRun) return;
      const ask = () => exportContainer(open.fleet.client(machine), id, this.signal);
      await writeArchive(ask, flags.output, this.stdio.stdout, this.signal);
    });
  }
}
