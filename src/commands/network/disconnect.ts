import { Args, Flags } from '@oclif/core';
import { disconnectNetwork } from '../../api/client/networks.js';
import { EngineCommand, machineFlag } from '../../cli/docker/engine-command.js';

export default class NetworkDisconnect extends EngineCommand {
  static override summary = 'Take a container out of a network';
  static override description = 'It stays in its other networks.';
  static override examples = [
    '<%= config.bin %> network disconnect backend web',
    '<%= config.bin %> network disconnect -f backend web',
  ];
  static override args = {
    network: Args.string({ description: 'name or ID', required: true, ignoreStdin: true }),
    container: Args.string({ description: 'name or ID', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...machineFlag,
    force: Flags.boolean({ char: 'f', description: 'whatever the container does' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(NetworkDisconnect);
    using client = await this.engineClient(flags.machine);
    const body = { Container: args.container, Force: flags.force };
    await disconnectNetwork(client, args.network, body, this.signal);
  }
}
