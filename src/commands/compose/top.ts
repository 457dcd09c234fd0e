import { containerProcesses } from '../../api/client/container-actions.js';
import { ownContainers } from '../../cli/compose/act-on-containers.js';
import { composeFlags } from '../../cli/compose/flags.js';
import { ProjectCommand } from '../../cli/compose/project-command.js';
import { serviceArguments } from '../../cli/compose/service-arguments.js';
import { renderTable } from '../../cli/table.js';

export default class ComposeTop extends ProjectCommand {
  static override summary = 'Show the processes of services';
  static override description = 'Of each running container, as ps of its machine tells them.';
  static override examples = ['<%= config.bin %> compose top', '<%= config.bin %> compose top web'];
  static override strict = false;
  static override args = serviceArguments;
  static override flags = composeFlags;

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(ComposeTop);
    const request = { services: argv.map(String), along: 'none' } as const;
    await this.withProjectOrLabels(flags, request, async (open) => {
      const running = (await ownContainers(open)).filter(({ state }) => state === 'running');
      for (const { machine, id, name } of running) {
        const { Titles, Processes } = await containerProcesses(
          open.fleet.client(machine),
          id,
          '',
          open.signal,
        );
        this.print(`${name}\n${renderTable([Titles, ...(Processes ?? [])])}\n`);
      }
    });
  }
}
