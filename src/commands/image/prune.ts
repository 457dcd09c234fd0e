import { Flags } from '@oclif/core';
import { parseFilters } from '../../cli/docker/key-values.js';
import { pruneOf } from '../../cli/docker/prune.js';
import { type PruneAnswer, PruneCommand, pruneFlags } from '../../cli/docker/prune-command.js';

export default class ImagePrune extends PruneCommand {
  static override summary = 'Remove unused images';
  static override description = 'Asks first; with --force it does not, as is needed in scripts.';
  static override examples = [
    '<%= config.bin %> image prune',
    '<%= config.bin %> image prune -f --filter label=temporary',
  ];
  static override flags = {
    ...pruneFlags,
    all: Flags.boolean({
      char: 'a',
      description: 'all that no container uses, not only those without a name',
    }),
  };

  async run(): Promise<PruneAnswer> {
    const { flags } = await this.parse(ImagePrune);
    const filters = parseFilters([...(flags.filter ?? []), `dangling=${!flags.all}`]);
    await this.confirmPrune(
      flags.all
        ? 'This will remove all images without at least one container associated to them.'
        : 'This will remove all dangling images.',
      flags.force,
    );
    using client = await this.engineClient(flags.machine);
    return this.report(await pruneOf.images(client, filters, this.signal));
  }
}
