import { Args } from '@oclif/core';
import { waitContainer } from '../../api/client/containers.js';
import { machineFlag } from '../../cli/docker/engine-command.js';
import { waitFailed } from '../../cli/docker/errors.js';
import { NamesCommand } from '../../cli/docker/names-command.js';

export default class ContainerWait extends NamesCommand {
  static override summary = 'Wait until containers end, and print their exit codes';
  static override description =
    'A container that does not run answers at once. Until a machine is ready waits "wait".';
  static override examples = [
    '<%= config.bin %> container wait job',
    '<%= config.bin %> container wait job-1 job-2',
  ];
  static override args = {
    container: Args.string({ description: 'names or IDs', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...machineFlag,
  };

  async run(): Promise<{ readonly done: readonly string[] }> {
    const { argv, flags } = await this.parse(ContainerWait);
    return await this.forEachName(argv, flags.machine, async (client, name) => {
      const { result } = await waitContainer(client, name, 'not-running', this.signal);
      const { StatusCode, Error: failure } = await result;
      if (failure?.Message) throw waitFailed(failure.Message);
      return String(StatusCode);
    });
  }
}
