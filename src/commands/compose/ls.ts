import { Flags } from '@oclif/core';
import { listContainers } from '../../api/client/containers.js';
import { composeFlags } from '../../cli/compose/flags.js';
import { projectRows } from '../../cli/compose/project-rows.js';
import { EngineCommand } from '../../cli/docker/engine-command.js';
import { parseFilters } from '../../cli/docker/key-values.js';
import { renderTable } from '../../cli/table.js';
import { label } from '../../compose/labels.js';

export default class ComposeLs extends EngineCommand {
  static override summary = 'List the Compose projects of a machine';
  static override description = 'Those that run, or all with -a, whichever tool has started them.';
  static override examples = [
    '<%= config.bin %> compose ls -a',
    '<%= config.bin %> compose ls --format json --filter name=shop',
  ];
  static override enableJsonFlag = false;
  static override flags = {
    ...{ machine: composeFlags.machine, 'dry-run': composeFlags['dry-run'] },
    all: Flags.boolean({ char: 'a', description: 'also those of which nothing runs' }),
    quiet: Flags.boolean({ char: 'q', description: 'only names' }),
    filter: Flags.string({
      ...{ description: 'only with this name, a regular expression', helpValue: 'name=NAME' },
      ...{ multiple: true, multipleNonGreedy: true },
    }),
    format: Flags.option({ options: ['table', 'json'] as const })({
      description: 'format',
      default: 'table',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(ComposeLs);
    using client = await this.engineClient(flags.machine);
    const filters = { label: [label.project, label.configHash] };
    const containers = await listContainers(client, { all: flags.all, filters }, this.signal);
    const names = parseFilters(flags.filter ?? [])['name'] ?? [];
    const rows = projectRows(containers).filter(({ Name }) =>
      names.every((name) => new RegExp(name).test(Name)),
    );
    if (flags.quiet) this.print(rows.map(({ Name }) => `${Name}\n`).join(''));
    else if (flags.format === 'json') this.print(`${JSON.stringify(rows)}\n`);
    else {
      const lines = rows.map(({ Name, Status, ConfigFiles }) => [Name, Status, ConfigFiles]);
      this.print(renderTable([['NAME', 'STATUS', 'CONFIG FILES'], ...lines], 20));
    }
  }
}
