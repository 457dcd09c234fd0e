import { Args, Flags } from '@oclif/core';
import { removeNetwork } from '../../api/client/networks.js';
import { machineFlag } from '../../cli/docker/engine-command.js';
import { NamesCommand } from '../../cli/docker/names-command.js';
import { isTsmachineError } from '../../shared/errors.js';

export default class NetworkRm extends NamesCommand {
  static override summary = 'Remove networks';
  static override description = 'One that a container is in is kept.';
  static override examples = [
    '<%= config.bin %> network rm backend',
    '<%= config.bin %> network rm -f old-1 old-2',
  ];
  static override args = {
    network: Args.string({ description: 'names or IDs', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...machineFlag,
    force: Flags.boolean({ char: 'f', description: 'no error for a network that is not there' }),
  };

  async run(): Promise<{ readonly done: readonly string[] }> {
    const { argv, flags } = await this.parse(NetworkRm);
    return await this.forEachName(argv, flags.machine, async (client, name) => {
      await removeNetwork(client, name, this.signal).catch((error: unknown) => {
        if (!flags.force || !isTsmachineError(error) || error.kind !== 'not-found') throw error;
      });
      return undefined;
    });
  }
}
