import { Flags } from '@oclif/core';
import { ownContainers } from '../../cli/compose/act-on-containers.js';
import { composeFlags } from '../../cli/compose/flags.js';
import { type OpenProject, ProjectCommand } from '../../cli/compose/project-command.js';
import { serviceArguments } from '../../cli/compose/service-arguments.js';
import { withMachine } from '../../cli/docker/list-command.js';
import { tableFormat } from '../../cli/docker/list-flags.js';
import { statsHeaders, statsRow, statsTable } from '../../cli/docker/stats-rows.js';
import { repeatedly, sampleListed } from '../../cli/docker/watch-stats.js';
import { formatRows } from '../../cli/format-template.js';

export default class ComposeStats extends ProjectCommand {
  static override summary = 'Show what the containers of services use of CPU, memory, network and disk';
  static override description =
    'On all machines of the project; goes on until Ctrl-C unless --no-stream is given.';
  static override examples = [
    '<%= config.bin %> compose stats',
    `<%= config.bin %> compose stats --no-stream --format '{{.Name}} {{.MemUsage}}' web`,
  ];
  static override strict = false;
  static override args = serviceArguments;
  static override flags = {
    ...composeFlags,
    all: Flags.boolean({ char: 'a', description: 'also of containers that do not run' }),
    'no-stream': Flags.boolean({ description: 'once' }),
    'no-trunc': Flags.boolean({ description: 'whole IDs' }),
    format: Flags.string({ description: 'table, "table TEMPLATE", json, or a Go template over the fields' }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(ComposeStats);
    const clear = !flags['no-stream'] && this.stdio.stdout.isTTY ? '\u001b[H\u001b[2J' : '';
    await this.withProjectOrLabels(flags, { services: argv.map(String), along: 'none' }, async (open) => {
      const hasSeveral = open.fleet.machines.length > 1;
      const table = hasSeveral ? statsTable.replace('table ', 'table {{.Machine}}\t') : statsTable;
      const format = tableFormat(flags, { quiet: '', table });
      const show = async () => {
        const rows = await sampleRows(open, { all: flags.all, noTruncation: flags['no-trunc'] });
        this.print(clear + formatRows(format, rows, { headers: statsHeaders, minimumWidth: 10 }));
      };
      if (flags['no-stream']) await show();
      else await repeatedly(show, this.signal);
    });
  }
}

async function sampleRows(
  open: OpenProject,
  options: { readonly all: boolean; readonly noTruncation: boolean },
): Promise<readonly object[]> {
  const { fleet, signal } = open;
  const containers = (await ownContainers(open)).filter(({ state }) => options.all || state === 'running');
  const rows = await Promise.all(
    fleet.machines.map(async (machine) => {
      const names = containers.filter((each) => each.machine === machine).map(({ name }) => name);
      const samples = await sampleListed(fleet.client(machine), names, signal);
      return samples.map(({ container, stats }) =>
        withMachine(statsRow(container, stats, options), machine, fleet.machines.length > 1),
      );
    }),
  );
  return rows.flat();
}
