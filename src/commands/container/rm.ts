import { Args, Flags } from '@oclif/core';
import { removeContainer } from '../../api/client/container-actions.js';
import { machineFlag } from '../../cli/docker/engine-command.js';
import { NamesCommand } from '../../cli/docker/names-command.js';
import { isTsmachineError } from '../../shared/errors.js';

export default class ContainerRm extends NamesCommand {
  static override summary = 'Remove containers';
  static override description =
    'A running container is removed with --force only. A machine is removed by "rm".';
  static override examples = [
    '<%= config.bin %> container rm web',
    '<%= config.bin %> container rm -f -v web db',
  ];
  static override args = {
    container: Args.string({ description: 'names or IDs', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...machineFlag,
    force: Flags.boolean({ char: 'f', description: 'kill it first when it runs' }),
    volumes: Flags.boolean({ char: 'v', description: 'remove its anonymous volumes too' }),
    link: Flags.boolean({ char: 'l', description: 'remove the link of this name' }),
  };

  async run(): Promise<{ readonly done: readonly string[] }> {
    const { argv, flags } = await this.parse(ContainerRm);
    return await this.forEachName(argv, flags.machine, async (client, name) => {
      const options = { force: flags.force, v: flags.volumes, link: flags.link };
      await removeContainer(client, name, options, this.signal).catch((error: unknown) => {
        // With --force, what is not there is what was wanted (docker prints it all the same).
        if (!flags.force || !isTsmachineError(error) || error.kind !== 'not-found') throw error;
        this.logToStderr(error.message);
      });
      return undefined;
    });
  }
}
