import { Args, Flags } from '@oclif/core';
import { imageHistory } from '../api/client/images.js';
import { EngineCommand, machineFlag } from '../cli/docker/engine-command.js';
import { historyHeaders, historyRow, historyTable } from '../cli/docker/history-rows.js';
import { tableFormat } from '../cli/docker/list-flags.js';
import { platformFlag, refusePlatform } from '../cli/docker/platform-flag.js';
import { formatRows } from '../cli/format-template.js';

export default class History extends EngineCommand {
  static override summary = 'Show how an image was made';
  static override description = 'A line for each instruction, the last one first.';
  static override examples = [
    '<%= config.bin %> history alpine',
    `<%= config.bin %> history --no-trunc --format '{{.CreatedBy}}' alpine`,
  ];
  static override args = {
    image: Args.string({ description: 'name or ID', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...machineFlag,
    ...platformFlag,
    quiet: Flags.boolean({ char: 'q', description: 'only IDs' }),
    human: Flags.boolean({
      ...{ char: 'H', description: 'sizes and times for people', default: true, allowNo: true },
    }),
    'no-trunc': Flags.boolean({ description: 'whole IDs and instructions' }),
    format: Flags.string({ description: 'table, "table TEMPLATE", json, or a Go template over the fields' }),
  };

  async run(): Promise<readonly object[]> {
    const { args, flags } = await this.parse(History);
    using client = await this.engineClient(flags.machine);
    await refusePlatform(client, flags.platform, this.signal);
    const items = await imageHistory(client, args.image, this.signal);
    const options = { noTruncation: flags['no-trunc'], human: flags.human, now: Date.now() };
    const rows = items.map((item) => historyRow(item, options));
    const format = tableFormat(flags, { quiet: '{{.ID}}', table: historyTable(flags) });
    this.print(formatRows(format, rows, { headers: historyHeaders, minimumWidth: 10 }));
    return items;
  }
}
