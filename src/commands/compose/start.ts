import { Flags } from '@oclif/core';
import { composeFlags } from '../../cli/compose/flags.js';
import { ProjectCommand } from '../../cli/compose/project-command.js';
import { serviceArguments } from '../../cli/compose/service-arguments.js';
import { startProject } from '../../compose/engine/up.js';
import { observeContainers } from '../../compose/state/observe.js';

export default class ComposeStart extends ProjectCommand {
  static override summary = 'Start containers that were made before';
  static override description =
    'In the order of their dependencies; changes to the Compose file are left to "compose up".';
  static override examples = [
    '<%= config.bin %> compose start',
    '<%= config.bin %> compose start --wait web',
  ];
  static override strict = false;
  static override args = serviceArguments;
  static override flags = {
    ...composeFlags,
    wait: Flags.boolean({ description: 'wait until all run, or are healthy' }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(ComposeStart);
    const request = { services: argv.map(String), along: 'dependencies' } as const;
    await this.withProjectOrLabels(flags, request, async (open) => {
      const containers = await observeContainers(open.fleet, open.project.name, open.signal);
      await startProject(open, { services: open.services, containers }, { wait: flags.wait });
    });
  }
}
