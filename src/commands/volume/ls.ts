import { listVolumes } from '../../api/client/volumes.js';
import { EngineCommand, machineFlag } from '../../cli/docker/engine-command.js';
import { parseFilters } from '../../cli/docker/key-values.js';
import { listFlags, tableFormat } from '../../cli/docker/list-flags.js';
import { volumeHeaders, volumeRow, volumeTable } from '../../cli/docker/volume-rows.js';
import { formatRows } from '../../cli/format-template.js';

export default class VolumeLs extends EngineCommand {
  static override summary = 'List volumes';
  static override description = 'Of the machine, with --filter dangling=true those that no container uses.';
  static override examples = [
    `<%= config.bin %> volume ls`,
    `<%= config.bin %> volume ls -q --filter label=keep`,
  ];
  static override flags = { ...machineFlag, ...listFlags };

  async run(): Promise<readonly object[]> {
    const { flags } = await this.parse(VolumeLs);
    using client = await this.engineClient(flags.machine);
    const found = await listVolumes(client, parseFilters(flags.filter ?? []), this.signal);
    const rows = found.map(volumeRow);
    const format = tableFormat(flags, { quiet: '{{.Name}}', table: volumeTable });
    this.print(formatRows(format, rows, { headers: volumeHeaders, minimumWidth: 10 }));
    return found;
  }
}
