import { parseFilters } from '../../cli/docker/key-values.js';
import { pruneOf } from '../../cli/docker/prune.js';
import { type PruneAnswer, PruneCommand, pruneFlags } from '../../cli/docker/prune-command.js';

export default class ContainerPrune extends PruneCommand {
  static override summary = 'Remove all containers that do not run';
  static override description = 'Asks first; with --force it does not, as is needed in scripts.';
  static override examples = [
    '<%= config.bin %> container prune',
    '<%= config.bin %> container prune -f --filter label=temporary',
  ];
  static override flags = pruneFlags;

  async run(): Promise<PruneAnswer> {
    const { flags } = await this.parse(ContainerPrune);
    const filters = parseFilters(flags.filter ?? []);
    await this.confirmPrune('This will remove all stopped containers.', flags.force);
    using client = await this.engineClient(flags.machine);
    return this.report(await pruneOf.containers(client, filters, this.signal));
  }
}
