import { Flags } from '@oclif/core';
import { listNetworks } from '../../api/client/networks.js';
import { parseFilters } from '../../cli/docker/key-values.js';
import { withLabels } from '../../cli/docker/label-text.js';
import { ListCommand } from '../../cli/docker/list-command.js';
import { listFlags } from '../../cli/docker/list-flags.js';
import { machinesFlags } from '../../cli/docker/machines-command.js';
import { networkHeaders, networkRow, networkTable } from '../../cli/docker/network-rows.js';

export default class NetworkLs extends ListCommand {
  static override summary = 'List networks';
  static override description = 'Those of the engine, bridge, host and none, are always there.';
  static override examples = [
    `<%= config.bin %> network ls`,
    `<%= config.bin %> network ls --format '{{.Name}} {{.Driver}}'`,
  ];
  static override flags = {
    ...machinesFlags,
    ...listFlags,
    'no-trunc': Flags.boolean({ description: 'whole IDs' }),
  };

  async run(): Promise<readonly object[]> {
    const { flags } = await this.parse(NetworkLs);
    const filters = parseFilters(flags.filter ?? []);
    const options = { noTruncation: flags['no-trunc'] };
    return await this.list(flags, (client) => listNetworks(client, filters, this.signal), {
      rows: (network) => [withLabels(networkRow(network, options), network.Labels)],
      quiet: '{{.ID}}',
      table: networkTable,
      headers: networkHeaders,
    });
  }
}
