import { BaseCommand } from '../../cli/base-command.js';
import { renderTable } from '../../cli/table.js';

interface DriverRow {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly source: string;
  readonly summary: string;
}

export default class DriverLs extends BaseCommand {
  static override summary = 'List the drivers there are';
  static override description = 'Built-in ones, and those of packages added with "driver install".';
  static override examples = ['<%= config.bin %> driver ls', '<%= config.bin %> driver ls --json'];

  async run(): Promise<readonly DriverRow[]> {
    await this.parse(DriverLs);
    const drivers = await this.services.drivers();
    const rows = [
      ...drivers
        .builtIn()
        .map(({ name, aliases = [], summary }) => ({ name, aliases, source: 'built in', summary })),
      ...(await Promise.all(
        drivers.plugins().map(async (plugin) => ({
          name: plugin.driver,
          aliases: [],
          source: `${plugin.package}@${plugin.version}`,
          // One broken package must not hide the others.
          summary: await plugin.load().then(
            ({ summary }) => summary,
            (error: unknown) => `unusable: ${error instanceof Error ? error.message : String(error)}`,
          ),
        })),
      )),
    ];
    const cells = rows.map(({ name, aliases, source, summary }) => [
      name,
      aliases.join(', '),
      source,
      summary,
    ]);
    this.print(renderTable([['NAME', 'ALIASES', 'SOURCE', 'SUMMARY'], ...cells]));
    return rows;
  }
}
