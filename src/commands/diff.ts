import { Args } from '@oclif/core';
import { containerChanges } from '../api/client/container-actions.js';
import type { ContainerChange } from '../api/client/types.js';
import { EngineCommand, machineFlag } from '../cli/docker/engine-command.js';

export default class Diff extends EngineCommand {
  static override summary = 'Show which files of a container were changed';
  static override description =
    'A: added, C: changed, D: deleted since the container was made from its image.';
  static override examples = [
    '<%= config.bin %> diff web',
    '<%= config.bin %> diff -m my-machine web --json',
  ];
  static override args = {
    container: Args.string({ description: 'name or ID', required: true, ignoreStdin: true }),
  };
  static override flags = machineFlag;

  async run(): Promise<readonly ContainerChange[]> {
    const { args, flags } = await this.parse(Diff);
    using client = await this.engineClient(flags.machine);
    const changes = await containerChanges(client, args.container, this.signal);
    this.print(changes.map(({ Kind, Path }) => `${'CAD'[Kind] ?? '?'} ${Path}\n`).join(''));
    return changes;
  }
}
