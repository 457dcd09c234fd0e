import { Flags } from '@oclif/core';
import { listContainers } from '../api/client/containers.js';
import type { ContainerSummary } from '../api/client/types.js';
import { containerHeaders, containerRow, containerTable } from '../cli/docker/container-rows.js';
import { parseFilters } from '../cli/docker/key-values.js';
import { withLabels } from '../cli/docker/label-text.js';
import { ListCommand } from '../cli/docker/list-command.js';
import { listFlags } from '../cli/docker/list-flags.js';
import { machinesFlags } from '../cli/docker/machines-command.js';

export default class Ps extends ListCommand {
  static override summary = 'List containers';
  static override description =
    'Like "docker ps" on the active machine, or on the one that is named with -m.';
  static override examples = [
    '<%= config.bin %> ps -a',
    '<%= config.bin %> ps -m web -m db',
    `<%= config.bin %> ps --filter status=exited --format '{{.Names}}\\t{{.Status}}'`,
  ];
  static override flags = {
    ...machinesFlags,
    ...listFlags,
    all: Flags.boolean({ char: 'a', description: 'all containers, not only the running ones' }),
    last: Flags.integer({ char: 'n', description: 'the last containers that were made', helpValue: 'N' }),
    latest: Flags.boolean({ char: 'l', description: 'the last container that was made' }),
    size: Flags.boolean({ char: 's', description: 'what they take of the disk' }),
    'no-trunc': Flags.boolean({ description: 'whole IDs and commands' }),
  };

  async run(): Promise<readonly ContainerSummary[]> {
    const { flags } = await this.parse(Ps);
    const request = {
      all: flags.all,
      limit: flags.latest ? 1 : flags.last,
      size: flags.size || /\.Size\b/.test(flags.format ?? ''),
      filters: parseFilters(flags.filter ?? []),
    };
    const options = { noTruncation: flags['no-trunc'], now: Date.now() };
    return await this.list(flags, (client) => listContainers(client, request, this.signal), {
      rows: (container) => [withLabels(containerRow(container, options), container.Labels)],
      quiet: '{{.ID}}',
      table: flags.size ? `${containerTable}\t{{.Size}}` : containerTable,
      headers: containerHeaders,
    });
  }
}
