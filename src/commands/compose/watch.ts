import { Flags } from '@oclif/core';
import { composeFlags } from '../../cli/compose/flags.js';
import { ProjectCommand } from '../../cli/compose/project-command.js';
import { serviceArguments } from '../../cli/compose/service-arguments.js';
import { watchLine } from '../../cli/compose/watch-actions.js';
import { watchProject } from '../../cli/compose/watch-project.js';

export default class ComposeWatch extends ProjectCommand {
  static override summary = 'Bring what changes in the source to the containers';
  static override description =
    'As develop.watch of the services says: files are copied, images built anew, containers restarted, until Ctrl-C. What .dockerignore names is left out. Builds and starts the services before.';
  static override examples = [
    '<%= config.bin %> compose watch',
    '<%= config.bin %> compose watch --no-up --quiet web',
  ];
  static override strict = false;
  static override args = serviceArguments;
  static override flags = {
    ...composeFlags,
    'no-up': Flags.boolean({ description: 'do not build and start the services before' }),
    prune: Flags.boolean({
      ...{ description: 'remove images that are replaced by new ones', default: true, allowNo: true },
    }),
    quiet: Flags.boolean({ description: 'do not show what builds write' }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(ComposeWatch);
    const request = { services: argv.map(String), along: 'dependencies' } as const;
    await this.withProject(flags, request, (open) =>
      watchProject(open, {
        source: this.imageSource(open, { quietBuild: flags.quiet, repeats: true }),
        ...{ up: !flags['no-up'], prune: flags.prune },
        tell: (text) => this.print(watchLine(text)),
      }),
    );
    if (this.signal.aborted) this.exit(130);
  }
}
