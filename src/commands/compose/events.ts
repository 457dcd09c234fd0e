import { Flags } from '@oclif/core';
import { composeEventLine } from '../../cli/compose/event-line.js';
import { composeFlags } from '../../cli/compose/flags.js';
import { ProjectCommand } from '../../cli/compose/project-command.js';
import { serviceArguments } from '../../cli/compose/service-arguments.js';
import { watchContainers } from '../../compose/engine/monitor.js';

export default class ComposeEvents extends ProjectCommand {
  static override summary = 'Show what happens to the containers of the project, as it happens';
  static override description = 'On all its machines, until Ctrl-C.';
  static override examples = [
    '<%= config.bin %> compose events',
    '<%= config.bin %> compose events --json web worker',
  ];
  static override strict = false;
  static override args = serviceArguments;
  static override flags = {
    ...composeFlags,
    json: Flags.boolean({ description: 'a JSON object a line' }),
  };

  protected override get endsWithInterrupt(): boolean {
    return true;
  }

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(ComposeEvents);
    const request = { services: argv.map(String), along: 'none' } as const;
    await this.withProjectOrLabels(flags, request, async (open) => {
      using monitor = await watchContainers(open.fleet, open.project.name, open.signal);
      for await (const event of monitor.events) {
        if (event.oneOff || !open.services.includes(event.service)) continue;
        this.stdio.stdout.write(composeEventLine(event, { json: flags.json }));
      }
    });
  }
}
