import { Flags } from '@oclif/core';
import { diskUsage } from '../../api/client/system.js';
import type { DiskUsageResponse } from '../../api/system.js';
import { diskUsageHeaders, diskUsageRows, diskUsageTable } from '../../cli/docker/disk-usage-rows.js';
import { EngineCommand, machineFlag } from '../../cli/docker/engine-command.js';
import { tableFormat } from '../../cli/docker/list-flags.js';
import { formatRows } from '../../cli/format-template.js';

export default class SystemDf extends EngineCommand {
  static override summary = 'Show what images, containers and volumes take of the disk';
  static override description = 'RECLAIMABLE is what "system prune -a --volumes" would free.';
  static override examples = ['<%= config.bin %> system df', '<%= config.bin %> system df --format json'];
  static override flags = {
    ...machineFlag,
    format: Flags.string({ description: 'table, "table TEMPLATE", json, or a Go template over the fields' }),
  };

  async run(): Promise<DiskUsageResponse> {
    const { flags } = await this.parse(SystemDf);
    using client = await this.engineClient(flags.machine);
    const usage = await diskUsage(client, this.signal);
    const format = tableFormat(flags, { quiet: '', table: diskUsageTable });
    const table = { headers: diskUsageHeaders, minimumWidth: 10 };
    this.print(formatRows(format, diskUsageRows(usage), table));
    return usage;
  }
}
