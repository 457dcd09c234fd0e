import { Args, Flags } from '@oclif/core';
import { ListCommand } from '../cli/docker/list-command.js';
import { machinesFlags } from '../cli/docker/machines-command.js';
import { statsHeaders, statsRow, statsTable } from '../cli/docker/stats-rows.js';
import { repeatedly, type Sample, sampleStats } from '../cli/docker/watch-stats.js';

export default class Stats extends ListCommand {
  static override summary = 'Show what containers use of CPU, memory, network and disk';
  static override description =
    'Of those that run, or of those that are named; goes on until Ctrl-C unless --no-stream is given.';
  static override examples = [
    '<%= config.bin %> stats',
    `<%= config.bin %> stats --no-stream --format '{{.Name}} {{.MemUsage}}' web`,
  ];
  static override strict = false;
  static override args = { container: Args.string({ description: 'names or IDs', ignoreStdin: true }) };
  static override flags = {
    ...machinesFlags,
    all: Flags.boolean({ char: 'a', description: 'also of containers that do not run' }),
    'no-stream': Flags.boolean({ description: 'once' }),
    'no-trunc': Flags.boolean({ description: 'whole IDs' }),
    format: Flags.string({ description: 'table, "table TEMPLATE", json, or a Go template over the fields' }),
  };

  async run(): Promise<readonly Sample[]> {
    const { argv, flags } = await this.parse(Stats);
    const request = { containers: argv.map(String), all: flags.all };
    const options = { noTruncation: flags['no-trunc'] };
    const once = flags['no-stream'] || this.jsonEnabled();
    const show = () =>
      this.list(flags, (client) => sampleStats(client, request, this.signal), {
        rows: ({ container, stats }) => [statsRow(container, stats, options)],
        quiet: '',
        table: statsTable,
        headers: statsHeaders,
        clear: !once && this.stdio.stdout.isTTY,
      });
    if (once) return await show();
    await repeatedly(async () => void (await show()), this.signal);
    return this.exit(this.interruptCode); // as docker's since its version 28
  }
}
