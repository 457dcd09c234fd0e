import { Flags } from '@oclif/core';
import { listContainers } from '../api/client/containers.js';
import type { ContainerSummary } from '../api/client/types.js';
import { containerHeaders, containerRow, containerTable } from '../cli/docker/container-rows.js';
import { EngineCommand, machineFlag } from '../cli/docker/engine-command.js';
import { parseFilters } from '../cli/docker/key-values.js';
import { formatRows } from '../cli/format-template.js';

export default class Ps extends EngineCommand {
  static override summary = 'List containers';
  static override description =
    'Like "docker ps" on the active machine, or on the one that is named with -m.';
  static override examples = [
    '<%= config.bin %> ps -a',
    `<%= config.bin %> ps --filter status=exited --format '{{.Names}}\\t{{.Status}}'`,
  ];
  static override flags = {
    ...machineFlag,
    all: Flags.boolean({ char: 'a', description: 'all containers, not only the running ones' }),
    quiet: Flags.boolean({ char: 'q', description: 'only IDs' }),
    last: Flags.integer({ char: 'n', description: 'the last containers that were made', helpValue: 'N' }),
    latest: Flags.boolean({ char: 'l', description: 'the last container that was made' }),
    'no-trunc': Flags.boolean({ description: 'whole IDs and commands' }),
    filter: Flags.string({
      ...{ char: 'f', description: 'only containers with this property', helpValue: 'KEY=VALUE' },
      ...{ multiple: true, multipleNonGreedy: true },
    }),
    format: Flags.string({ description: 'table, "table TEMPLATE", json, or a Go template over the fields' }),
  };

  async run(): Promise<readonly ContainerSummary[]> {
    const { flags } = await this.parse(Ps);
    const filters = parseFilters(flags.filter ?? []);
    const limit = flags.latest ? 1 : flags.last;
    using client = await this.engineClient(flags.machine);
    const containers = await listContainers(client, { all: flags.all, limit, filters }, this.signal);
    const options = { noTruncation: flags['no-trunc'], now: Date.now() };
    const rows = containers.map((container) => containerRow(container, options));
    const format = flags.format === 'table' ? containerTable : (flags.format ?? containerTable);
    const table = { headers: containerHeaders, minimumWidth: 10 };
    this.print(formatRows(flags.quiet ? '{{.ID}}' : format, rows, table));
    return containers;
  }
}
