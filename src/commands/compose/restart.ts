import { Flags } from '@oclif/core';
import { composeFlags } from '../../cli/compose/flags.js';
import { ProjectCommand } from '../../cli/compose/project-command.js';
import { restartServices } from '../../cli/compose/restart-services.js';
import { serviceArguments } from '../../cli/compose/service-arguments.js';

export default class ComposeRestart extends ProjectCommand {
  static override summary = 'Restart the containers of services';
  static override description =
    'In the order of dependencies, and with those that asked for it by "restart: true" in their depends_on.';
  static override examples = [
    '<%= config.bin %> compose restart',
    '<%= config.bin %> compose restart -t 1 --no-deps web',
  ];
  static override strict = false;
  static override args = serviceArguments;
  static override flags = {
    ...composeFlags,
    timeout: Flags.integer({ char: 't', description: 'seconds until a container that is stopped is killed' }),
    'no-deps': Flags.boolean({
      description: 'only these services, not those that are to be restarted with them',
    }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(ComposeRestart);
    const named = argv.map(String);
    await this.withProjectOrLabels(flags, { services: named, along: 'none' }, async (open) => {
      await restartServices(open, { timeout: flags.timeout, along: !flags['no-deps'] });
    });
  }
}
