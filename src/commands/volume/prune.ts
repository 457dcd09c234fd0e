import { Flags } from '@oclif/core';
import { parseFilters } from '../../cli/docker/key-values.js';
import { pruneOf } from '../../cli/docker/prune.js';
import { type PruneAnswer, PruneCommand, pruneFlags } from '../../cli/docker/prune-command.js';

export default class VolumePrune extends PruneCommand {
  static override summary = 'Remove the volumes that no container uses';
  static override description = 'Asks first; with --force it does not, as is needed in scripts.';
  static override examples = [
    '<%= config.bin %> volume prune',
    '<%= config.bin %> volume prune -f --filter label=temporary',
  ];
  static override flags = {
    ...pruneFlags,
    all: Flags.boolean({ char: 'a', description: 'also those that were given a name' }),
  };

  async run(): Promise<PruneAnswer> {
    const { flags } = await this.parse(VolumePrune);
    const filters = parseFilters([...(flags.filter ?? []), ...(flags.all ? ['all=true'] : [])]);
    await this.confirmPrune(
      `This will remove ${flags.all ? 'all' : 'anonymous'} local volumes not used by at least one container.`,
      flags.force,
    );
    using client = await this.engineClient(flags.machine);
    return this.report(await pruneOf.volumes(client, filters, this.signal));
  }
}
