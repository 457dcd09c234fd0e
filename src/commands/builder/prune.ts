import { Flags } from '@oclif/core';
import { pruneBuildCache } from '../../api/client/builds.js';
import { parseFilters } from '../../cli/docker/key-values.js';
import { type PruneAnswer, PruneCommand, pruneFlags } from '../../cli/docker/prune-command.js';
import { parseSize } from '../../cli/docker/resource-limits.js';

export default class BuilderPrune extends PruneCommand {
  static override summary = 'Remove the build cache';
  static override description =
    'What no image is made of; with --all the whole cache. Asks first, unless --force is given.';
  static override examples = [
    '<%= config.bin %> builder prune',
    '<%= config.bin %> builder prune -a -f --filter until=48h',
  ];
  static override flags = {
    ...pruneFlags,
    all: Flags.boolean({ char: 'a', description: 'all of it, not only what is dangling' }),
    'keep-storage': Flags.string({ description: 'how much of it stays', helpValue: '2g' }),
  };

  async run(): Promise<PruneAnswer> {
    const { flags } = await this.parse(BuilderPrune);
    const keep = flags['keep-storage'];
    const options = {
      all: flags.all,
      filters: parseFilters(flags.filter ?? []),
      keepStorage: keep === undefined ? undefined : parseSize('--keep-storage', keep),
    };
    await this.confirmPrune(`This will remove all ${flags.all ? '' : 'dangling '}build cache.`, flags.force);
    using client = await this.engineClient(flags.machine);
    const { deleted, reclaimed } = await pruneBuildCache(client, options, this.signal);
    const groups = [{ heading: 'Deleted build cache objects', names: deleted }];
    return this.report({ groups, reclaimed });
  }
}
