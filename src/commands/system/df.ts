import { Flags } from '@oclif/core';
import { diskUsage } from '../../api/client/system.js';
import type { DiskUsageResponse } from '../../api/system.js';
import { diskUsageHeaders, diskUsageRows, diskUsageTable } from '../../cli/docker/disk-usage-rows.js';
import { ListCommand } from '../../cli/docker/list-command.js';
import { machinesFlags } from '../../cli/docker/machines-command.js';

export default class SystemDf extends ListCommand {
  static override summary = 'Show what images, containers and volumes take of the disk';
  static override description = 'RECLAIMABLE is what "system prune -a --volumes" would free.';
  static override examples = ['<%= config.bin %> system df', '<%= config.bin %> system df --format json'];
  static override flags = {
    ...machinesFlags,
    format: Flags.string({ description: 'table, "table TEMPLATE", json, or a Go template over the fields' }),
  };

  async run(): Promise<DiskUsageResponse | readonly DiskUsageResponse[]> {
    const { flags } = await this.parse(SystemDf);
    const usages = await this.list(flags, async (client) => [await diskUsage(client, this.signal)], {
      rows: diskUsageRows,
      quiet: '',
      table: diskUsageTable,
      headers: diskUsageHeaders,
    });
    return this.showsMachines(flags) ? usages : (usages[0] ?? usages);
  }
}
