import { parseFilters } from '../../cli/docker/key-values.js';
import { pruneOf } from '../../cli/docker/prune.js';
import { type PruneAnswer, PruneCommand, pruneFlags } from '../../cli/docker/prune-command.js';

export default class NetworkPrune extends PruneCommand {
  static override summary = 'Remove all networks that no container is in';
  static override description = 'Asks first; with --force it does not, as is needed in scripts.';
  static override examples = [
    '<%= config.bin %> network prune',
    '<%= config.bin %> network prune -f --filter label=temporary',
  ];
  static override flags = pruneFlags;

  async run(): Promise<PruneAnswer> {
    const { flags } = await this.parse(NetworkPrune);
    const filters = parseFilters(flags.filter ?? []);
    await this.confirmPrune(
      'This will remove all custom networks not used by at least one container.',
      flags.force,
    );
    using client = await this.engineClient(flags.machine);
    return this.report(await pruneOf.networks(client, filters, this.signal));
  }
}
