import { Args, Flags } from '@oclif/core';
import { connectNetwork } from '../../api/client/networks.js';
import { EngineCommand, machineFlag } from '../../cli/docker/engine-command.js';
import { networkEndpoint } from '../../cli/docker/network-endpoint.js';

const list = { multiple: true, multipleNonGreedy: true } as const;

export default class NetworkConnect extends EngineCommand {
  static override summary = 'Put a container into a network';
  static override description = 'Beside the networks that it is in already.';
  static override examples = [
    '<%= config.bin %> network connect backend web',
    '<%= config.bin %> network connect --alias db --ip 10.9.0.7 backend postgres',
  ];
  static override args = {
    network: Args.string({ description: 'name or ID', required: true, ignoreStdin: true }),
    container: Args.string({ description: 'name or ID', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...machineFlag,
    alias: Flags.string({ description: 'further name in the network', helpValue: 'NAME', ...list }),
    ip: Flags.string({ description: 'IPv4 address', helpValue: 'IP' }),
    ip6: Flags.string({ description: 'IPv6 address', helpValue: 'IP' }),
    link: Flags.string({ description: 'link to another container', helpValue: 'NAME[:ALIAS]', ...list }),
    'link-local-ip': Flags.string({ description: 'link-local address', helpValue: 'IP', ...list }),
    'gw-priority': Flags.string({
      ...{ description: 'the network with the highest has the default gateway', helpValue: 'N' },
    }),
    'driver-opt': Flags.string({ description: 'option of the driver', helpValue: 'KEY=VALUE', ...list }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(NetworkConnect);
    using client = await this.engineClient(flags.machine);
    const body = {
      Container: args.container,
      EndpointConfig: networkEndpoint({
        aliases: flags.alias,
        links: flags.link,
        ip: flags.ip,
        ip6: flags.ip6,
        linkLocal: flags['link-local-ip'],
        driverOptions: flags['driver-opt'],
        gatewayPriority: flags['gw-priority'],
      }),
    };
    await connectNetwork(client, args.network, body, this.signal);
  }
}
