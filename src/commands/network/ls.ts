import { Flags } from '@oclif/core';
import { listNetworks } from '../../api/client/networks.js';
import { EngineCommand, machineFlag } from '../../cli/docker/engine-command.js';
import { parseFilters } from '../../cli/docker/key-values.js';
import { listFlags, tableFormat } from '../../cli/docker/list-flags.js';
import { networkHeaders, networkRow, networkTable } from '../../cli/docker/network-rows.js';
import { formatRows } from '../../cli/format-template.js';

export default class NetworkLs extends EngineCommand {
  static override summary = 'List networks';
  static override description = 'Those of the engine, bridge, host and none, are always there.';
  static override examples = [
    `<%= config.bin %> network ls`,
    `<%= config.bin %> network ls --format '{{.Name}} {{.Driver}}'`,
  ];
  static override flags = {
    ...machineFlag,
    ...listFlags,
    'no-trunc': Flags.boolean({ description: 'whole IDs' }),
  };

  async run(): Promise<readonly object[]> {
    const { flags } = await this.parse(NetworkLs);
    using client = await this.engineClient(flags.machine);
    const found = await listNetworks(client, parseFilters(flags.filter ?? []), this.signal);
    const rows = found.map((network) => networkRow(network, { noTruncation: flags['no-trunc'] }));
    const format = tableFormat(flags, { quiet: '{{.ID}}', table: networkTable });
    this.print(formatRows(format, rows, { headers: networkHeaders, minimumWidth: 10 }));
    return found;
  }
}
