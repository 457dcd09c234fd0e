import { listVolumes } from '../../api/client/volumes.js';
import { parseFilters } from '../../cli/docker/key-values.js';
import { withLabels } from '../../cli/docker/label-text.js';
import { ListCommand } from '../../cli/docker/list-command.js';
import { listFlags } from '../../cli/docker/list-flags.js';
import { machinesFlags } from '../../cli/docker/machines-command.js';
import { refuseSwarm, swarmOnly } from '../../cli/docker/swarm-flags.js';
import { volumeHeaders, volumeRow, volumeTable } from '../../cli/docker/volume-rows.js';

export default class VolumeLs extends ListCommand {
  static override summary = 'List volumes';
  static override description = 'Of the machine, with --filter dangling=true those that no container uses.';
  static override examples = [
    `<%= config.bin %> volume ls`,
    `<%= config.bin %> volume ls -q --filter label=keep`,
  ];
  static override flags = {
    ...machinesFlags,
    ...listFlags,
    ...swarmOnly(['cluster']),
  };

  async run(): Promise<readonly object[]> {
    const { flags } = await this.parse(VolumeLs);
    refuseSwarm(['cluster'], flags);
    const filters = parseFilters(flags.filter ?? []);
    return await this.list(flags, (client) => listVolumes(client, filters, this.signal), {
      rows: (volume) => [withLabels(volumeRow(volume), volume.Labels)],
      quiet: '{{.Name}}',
      table: volumeTable,
      headers: volumeHeaders,
    });
  }
}
