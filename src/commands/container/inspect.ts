import { Flags } from '@oclif/core';
import { inspectContainer } from '../../api/client/containers.js';
import { InspectCommand, inspectFlags, namesArgument } from '../../cli/docker/inspect-command.js';

export default class ContainerInspect extends InspectCommand {
  static override summary = 'Print what the engine knows of containers as JSON';
  static override description =
    'An array with all that were found; a name that is not there ends the command with 1.';
  static override examples = [
    `<%= config.bin %> container inspect web`,
    `<%= config.bin %> container inspect -f '{{.State.Status}}' web db`,
  ];
  static override args = namesArgument('container');
  static override flags = {
    ...inspectFlags,
    size: Flags.boolean({ char: 's', description: 'with the sizes of its files' }),
  };

  async run(): Promise<readonly object[]> {
    const { argv, flags } = await this.parse(ContainerInspect);
    return await this.inspect(argv, flags, (client, name) =>
      inspectContainer(client, name, this.signal, { size: flags.size }),
    );
  }
}
