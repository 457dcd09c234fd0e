import { Flags } from '@oclif/core';
import { composeFlags } from '../../cli/compose/flags.js';
import { ProjectCommand } from '../../cli/compose/project-command.js';
import { serviceArguments } from '../../cli/compose/service-arguments.js';
import { stopProject } from '../../compose/engine/stop-project.js';

export default class ComposeStop extends ProjectCommand {
  static override summary = 'Stop services';
  static override description =
    'Each before those that it depends on. Containers stay, and "compose start" starts them again.';
  static override examples = [
    '<%= config.bin %> compose stop',
    '<%= config.bin %> compose stop -t 30 worker',
  ];
  static override strict = false;
  static override args = serviceArguments;
  static override flags = {
    ...composeFlags,
    timeout: Flags.integer({ char: 't', description: 'seconds until a container that is stopped is killed' }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(ComposeStop);
    const request = { services: argv.map(String), along: 'none', timeout: flags.timeout } as const;
    await this.withProjectOrLabels(flags, request, (open) => stopProject(open, open.services));
  }
}
