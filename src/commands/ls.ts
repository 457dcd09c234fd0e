import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { repeatable } from '../cli/flags.js';
import { formatRows } from '../cli/format-template.js';
import { machineFields, machineHeaders, machineTable } from '../cli/machine-list.js';
import { parseMachineFilters } from '../machine/filter.js';
import type { MachineSummary } from '../machine/inventory.js';

export default class Ls extends BaseCommand {
  static override summary = 'List machines';
  static override description =
    'All machines are asked at once. Where one does not answer in time, what was last seen of it is shown with its age.';
  static override examples = [
    '<%= config.bin %> ls --filter state=running',
    `<%= config.bin %> ls --format 'table {{.Name}}\\t{{.State}}\\t{{.URL}}'`,
  ];
  static override flags = {
    quiet: Flags.boolean({ char: 'q', description: 'print names only' }),
    filter: repeatable('name=REGEX, driver=, state= or label=KEY=VALUE'),
    timeout: Flags.integer({ char: 't', default: 10, min: 1, description: 'seconds to wait for answers' }),
    format: Flags.string({ char: 'f', description: 'Go template, such as {{.Name}}, or "table …", or json' }),
  };

  async run(): Promise<readonly MachineSummary[] | readonly string[]> {
    const { flags } = await this.parse(Ls);
    const matches = parseMachineFilters(flags.filter ?? []);
    if (flags.quiet && !flags.filter?.length) return this.printNames(await this.machines.names());
    const options = { timeoutMs: flags.timeout * 1000, environment: this.environment };
    const machines = (await this.machines.list(options, this.context())).filter(matches);
    if (flags.quiet) return this.printNames(machines.map(({ name }) => name));
    const format = flags.format;
    this.print(
      format
        ? formatRows(format, machines.map(machineFields), { headers: machineHeaders })
        : machineTable(machines),
    );
    return machines;
  }

  private printNames(names: readonly string[]): readonly string[] {
    this.print(names.map((name) => `${name}\n`).join(''));
    return names;
  }
}
