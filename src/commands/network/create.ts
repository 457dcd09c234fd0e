import { Args, Flags } from '@oclif/core';
import { createNetwork } from '../../api/client/networks.js';
import { EngineCommand, machineFlag } from '../../cli/docker/engine-command.js';
import { ipamPools } from '../../cli/docker/ipam-pools.js';
import { parseKeyValues, parseLabels } from '../../cli/docker/key-values.js';

const list = { multiple: true, multipleNonGreedy: true } as const;

export default class NetworkCreate extends EngineCommand {
  static override summary = 'Make a network';
  static override description = 'Containers in it reach each other by name. Prints its ID.';
  static override examples = [
    '<%= config.bin %> network create backend',
    '<%= config.bin %> network create --subnet 10.9.0.0/24 --gateway 10.9.0.254 --internal backend',
  ];
  static override args = { network: Args.string({ description: 'name', required: true, ignoreStdin: true }) };
  static override flags = {
    ...machineFlag,
    driver: Flags.string({ char: 'd', description: 'network driver', default: 'bridge' }),
    subnet: Flags.string({ description: 'subnet', helpValue: 'ADDRESS/BITS', ...list }),
    gateway: Flags.string({ description: 'gateway of a subnet', helpValue: 'IP', ...list }),
    'ip-range': Flags.string({
      ...{
        description: 'part of a subnet that addresses are given from',
        helpValue: 'ADDRESS/BITS',
        ...list,
      },
    }),
    'aux-address': Flags.string({
      ...{ description: 'address that is given to nobody', helpValue: 'NAME=IP', ...list },
    }),
    'ipam-driver': Flags.string({ description: 'IP address management driver', default: 'default' }),
    'ipam-opt': Flags.string({ description: 'option of it', helpValue: 'KEY=VALUE', ...list }),
    internal: Flags.boolean({ description: 'no way out of the network' }),
    attachable: Flags.boolean({ description: 'containers may be attached by hand' }),
    ipv4: Flags.boolean({ description: 'assign IPv4 addresses', default: true, allowNo: true }),
    ipv6: Flags.boolean({ description: 'assign IPv6 addresses too' }),
    'config-from': Flags.string({
      description: 'network whose configuration it takes',
      helpValue: 'NETWORK',
    }),
    'config-only': Flags.boolean({ description: 'only a configuration for other networks' }),
    ingress: Flags.boolean({ hidden: true, description: 'Swarm only' }),
    scope: Flags.string({ hidden: true, description: 'local; others are Swarm only' }),
    label: Flags.string({ description: 'label', helpValue: 'KEY[=VALUE]', ...list }),
    opt: Flags.string({ char: 'o', description: 'option of the driver', helpValue: 'KEY=VALUE', ...list }),
  };

  async run(): Promise<{ readonly id: string }> {
    const { args, flags } = await this.parse(NetworkCreate);
    const body = {
      Name: args.network,
      Driver: flags.driver,
      Internal: flags.internal,
      Attachable: flags.attachable,
      ...(!flags.ipv4 && { EnableIPv4: false }),
      EnableIPv6: flags.ipv6,
      ...(flags['config-only'] && { ConfigOnly: true }),
      ...(flags['config-from'] !== undefined && { ConfigFrom: { Network: flags['config-from'] } }),
      ...(flags.ingress && { Ingress: true }),
      ...(flags.scope !== undefined && { Scope: flags.scope }),
      Options: parseKeyValues('--opt', flags.opt ?? []),
      Labels: parseLabels(flags.label ?? []),
      IPAM: {
        Driver: flags['ipam-driver'],
        Options: parseKeyValues('--ipam-opt', flags['ipam-opt'] ?? []),
        Config: ipamPools({
          subnets: flags.subnet ?? [],
          gateways: flags.gateway ?? [],
          ranges: flags['ip-range'] ?? [],
          auxiliary: flags['aux-address'] ?? [],
        }),
      },
    };
    using client = await this.engineClient(flags.machine);
    const { Id, Warning } = await createNetwork(client, body, this.signal);
    if (Warning) this.logToStderr(`WARNING: ${Warning}`);
    this.log(Id);
    return { id: Id };
  }
}
