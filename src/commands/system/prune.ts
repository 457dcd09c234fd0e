import { Flags } from '@oclif/core';
import type { EngineClient } from '../../api/client/engine-client.js';
import type { Filters } from '../../api/client/types.js';
import { parseFilters } from '../../cli/docker/key-values.js';
import { pruneOf } from '../../cli/docker/prune.js';
import { type PruneAnswer, PruneCommand, pruneFlags } from '../../cli/docker/prune-command.js';

export default class SystemPrune extends PruneCommand {
  static override summary = 'Remove all that is not used: containers, networks, images';
  static override description = 'Volumes only with --volumes. Asks first, unless --force is given.';
  static override examples = [
    '<%= config.bin %> system prune',
    '<%= config.bin %> system prune -a -f --volumes',
  ];
  static override flags = {
    ...pruneFlags,
    all: Flags.boolean({ char: 'a', description: 'all unused images, not only those without a name' }),
    volumes: Flags.boolean({ description: 'anonymous volumes too' }),
  };

  async run(): Promise<PruneAnswer> {
    const { flags } = await this.parse(SystemPrune);
    const filters = parseFilters(flags.filter ?? []);
    await this.confirmPrune(warning(flags), flags.force);
    using client = await this.engineClient(flags.machine);
    const answers = await this.pruneAll(client, filters, flags);
    const groups = answers.flatMap((answer) => answer.groups);
    const reclaimed = answers.reduce((sum, answer) => sum + (answer.reclaimed ?? 0), 0);
    return this.report({ groups, reclaimed });
  }

  /** In this order: what is removed first sets free what comes after it. */
  private async pruneAll(
    client: EngineClient,
    filters: Filters,
    flags: Scope,
  ): Promise<readonly PruneAnswer[]> {
    const imageFilters = { ...filters, dangling: [String(!flags.all)] };
    return [
      await pruneOf.containers(client, filters, this.signal),
      await pruneOf.networks(client, filters, this.signal),
      ...(flags.volumes ? [await pruneOf.volumes(client, filters, this.signal)] : []),
      await pruneOf.images(client, imageFilters, this.signal),
    ];
  }
}

interface Scope {
  readonly all: boolean;
  readonly volumes: boolean;
}

function warning({ all, volumes }: Scope): string {
  const lines = [
    'all stopped containers',
    'all networks not used by at least one container',
    ...(volumes ? ['all anonymous volumes not used by at least one container'] : []),
    all ? 'all images without at least one container associated to them' : 'all dangling images',
  ];
  return `This will remove:\n${lines.map((line) => `  - ${line}`).join('\n')}\n`;
}
