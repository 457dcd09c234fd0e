import { Flags } from '@oclif/core';
import { composeFlags } from '../../cli/compose/flags.js';
import { ProjectCommand } from '../../cli/compose/project-command.js';
import { psRow, psTable } from '../../cli/compose/ps-rows.js';
import { serviceArguments } from '../../cli/compose/service-arguments.js';
import { containerHeaders } from '../../cli/docker/container-rows.js';
import { flagInvalid } from '../../cli/docker/errors.js';
import { tableFormat } from '../../cli/docker/list-flags.js';
import { repeatable } from '../../cli/flags.js';
import { formatRows } from '../../cli/format-template.js';
import { observeContainers } from '../../compose/state/observe.js';

const states = ['paused', 'restarting', 'removing', 'running', 'dead', 'created', 'exited'] as const;

export default class ComposePs extends ProjectCommand {
  static override summary = 'List the containers of the project';
  static override description =
    'On all its machines; those that run, unless -a or a status is given. --format takes a Go template over the fields.';
  static override examples = [
    '<%= config.bin %> compose ps -a',
    `<%= config.bin %> compose ps --format '{{.Name}}\\t{{.Status}}' web`,
    '<%= config.bin %> compose ps --status exited -q',
  ];
  static override strict = false;
  static override args = serviceArguments;
  static override flags = {
    ...composeFlags,
    all: Flags.boolean({ char: 'a', description: 'also those that are stopped, and of "compose run"' }),
    quiet: Flags.boolean({ char: 'q', description: 'only IDs' }),
    services: Flags.boolean({ description: 'only the names of the services' }),
    status: repeatable(`only with this status: ${states.join(', ')}`),
    filter: Flags.string({ description: 'status=STATUS', helpValue: 'KEY=VALUE' }),
    orphans: Flags.boolean({
      description: 'also containers of services that the files do not have',
      default: true,
      allowNo: true,
    }),
    'no-trunc': Flags.boolean({ description: 'whole commands and IDs' }),
    format: Flags.string({ description: 'table, "table TEMPLATE", json, or a Go template over the fields' }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(ComposePs);
    const wanted = [...(flags.status ?? []), ...filterStatus(flags.filter)];
    const request = { services: argv.map(String), along: 'none' } as const;
    await this.withProjectOrLabels(flags, request, async (open) => {
      const { fleet, project, whole, services, signal } = open;
      const isNamed = request.services.length > 0;
      const all = await observeContainers(fleet, project.name, signal);
      const shown = all.filter(
        ({ service, oneOff, state }) =>
          (services.includes(service) || (!isNamed && flags.orphans && !whole.services[service])) &&
          (wanted.length > 0 ? wanted.includes(state) : flags.all || (state === 'running' && !oneOff)) &&
          (!oneOff || flags.all),
      );
      if (flags.services) {
        this.print([...new Set(shown.map(({ service }) => `${service}\n`))].join(''));
        return;
      }
      const options = { noTruncation: flags['no-trunc'] || flags.quiet, now: Date.now() };
      const rows = shown.map((container) => psRow(project.name, container, options));
      const format = tableFormat(flags, { quiet: '{{.ID}}', table: psTable(fleet.machines.length > 1) });
      this.print(formatRows(format, rows, { headers: containerHeaders, minimumWidth: 10 }));
    });
  }
}

function filterStatus(filter: string | undefined): readonly string[] {
  if (filter === undefined) return [];
  const [key, value] = filter.split('=', 2);
  if (key !== 'status' || value === undefined)
    throw flagInvalid('--filter', filter, 'only status=STATUS is known');
  return [value];
}
