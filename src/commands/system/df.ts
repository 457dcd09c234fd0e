import { Flags } from '@oclif/core';
import { diskUsage } from '../../api/client/system.js';
import type { DiskUsage } from '../../api/client/types.js';
import { diskUsageDetails, diskUsageObject } from '../../cli/docker/disk-usage-details.js';
import { diskUsageHeaders, diskUsageRows, diskUsageTable } from '../../cli/docker/disk-usage-rows.js';
import { ListCommand } from '../../cli/docker/list-command.js';
import { type MachineSelection, machinesFlags } from '../../cli/docker/machines-command.js';
import { formatRows } from '../../cli/format-template.js';

export default class SystemDf extends ListCommand {
  static override summary = 'Show what images, containers and volumes take of the disk';
  static override description = 'RECLAIMABLE is what "system prune -a --volumes" would free.';
  static override examples = ['<%= config.bin %> system df', '<%= config.bin %> system df --format json'];
  static override flags = {
    ...machinesFlags,
    verbose: Flags.boolean({
      char: 'v',
      description: 'each image, container, volume and step of the build cache',
    }),
    format: Flags.string({ description: 'table, "table TEMPLATE", json, or a Go template over the fields' }),
  };

  async run(): Promise<DiskUsage | readonly DiskUsage[]> {
    const { flags } = await this.parse(SystemDf);
    if (flags.verbose) return await this.details(flags);
    const usages = await this.list(flags, async (client) => [await diskUsage(client, this.signal)], {
      rows: (usage: DiskUsage) => diskUsageRows(usage),
      quiet: '',
      table: diskUsageTable,
      headers: diskUsageHeaders,
    });
    return this.showsMachines(flags) ? usages : (usages[0] ?? usages);
  }

  /** One after the other: tables of several machines side by side could not be read. */
  private async details(flags: MachineSelection & { readonly format?: string | undefined }) {
    const { answers, failures } = await this.askEach(flags, (client) => diskUsage(client, this.signal));
    for (const { machine, answer } of answers) {
      if (this.showsMachines(flags)) this.print(`MACHINE ${machine}\n\n`);
      if (flags.format === undefined) this.print(diskUsageDetails(answer, Date.now()));
      else this.print(formatRows(flags.format, [diskUsageObject(answer, Date.now())]));
    }
    for (const failure of failures) this.complain(failure);
    return answers.map(({ answer }) => answer);
  }
}
