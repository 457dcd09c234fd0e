import { Flags } from '@oclif/core';
import { inspectNetwork } from '../../api/client/networks.js';
import { InspectCommand, inspectFlags, namesArgument } from '../../cli/docker/inspect-command.js';

export default class NetworkInspect extends InspectCommand {
  static override summary = 'Print what the engine knows of networks as JSON';
  static override description =
    'An array with all that were found; a name that is not there ends the command with 1.';
  static override examples = [
    `<%= config.bin %> network inspect bridge`,
    `<%= config.bin %> network inspect -f '{{.IPAM.Config}}' bridge`,
  ];
  static override args = namesArgument('network');
  static override flags = {
    ...inspectFlags,
    verbose: Flags.boolean({ char: 'v', description: 'in detail' }),
  };

  async run(): Promise<readonly object[]> {
    const { argv, flags } = await this.parse(NetworkInspect);
    return await this.inspect(argv, flags, (client, name) =>
      inspectNetwork(client, name, { verbose: flags.verbose }, this.signal),
    );
  }
}
