import { Args, Flags } from '@oclif/core';
import { EngineCommand, machineFlag } from '../cli/docker/engine-command.js';
import { tableFormat } from '../cli/docker/list-flags.js';
import { statsHeaders, statsRow, statsTable } from '../cli/docker/stats-rows.js';
import { type Sample, sampleStats, watchStats } from '../cli/docker/watch-stats.js';
import { formatRows } from '../cli/format-template.js';

export default class Stats extends EngineCommand {
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
    ...machineFlag,
    all: Flags.boolean({ char: 'a', description: 'also of containers that do not run' }),
    'no-stream': Flags.boolean({ description: 'once' }),
    'no-trunc': Flags.boolean({ description: 'whole IDs' }),
    format: Flags.string({ description: 'table, "table TEMPLATE", json, or a Go template over the fields' }),
  };

  async run(): Promise<readonly Sample[]> {
    const { argv, flags } = await this.parse(Stats);
    const request = { containers: argv.map(String), all: flags.all };
    const format = tableFormat(flags, { quiet: '', table: statsTable });
    const show = (samples: readonly Sample[]) => {
      const rows = samples.map(({ container, stats }) =>
        statsRow(container, stats, { noTruncation: flags['no-trunc'] }),
      );
      return formatRows(format, rows, { headers: statsHeaders, minimumWidth: 10 });
    };
    using client = await this.engineClient(flags.machine);
    if (flags['no-stream'] || this.jsonEnabled()) {
      const samples = await sampleStats(client, request, this.signal);
      this.print(show(samples));
      return samples;
    }
    await watchStats(
      client,
      request,
      (samples) => this.print(`${this.clearing}${show(samples)}`),
      this.signal,
    );
    return [];
  }

  /** On a terminal each table takes the place of the one before. */
  private get clearing(): string {
    return this.stdio.stdout.isTTY ? '\u001b[H\u001b[2J' : '';
  }
}
