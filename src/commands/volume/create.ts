import { Args, Flags } from '@oclif/core';
import { createVolume } from '../../api/client/volumes.js';
import type { VolumeResource } from '../../api/volume.js';
import { EngineCommand, machineFlag } from '../../cli/docker/engine-command.js';
import { parseKeyValues, parseLabels } from '../../cli/docker/key-values.js';
import { refuseSwarm, swarmOnly } from '../../cli/docker/swarm-flags.js';

const clusterFlags = [
  ...(['availability', 'group', 'limit-bytes', 'required-bytes', 'scope', 'secret', 'sharing'] as const),
  ...(['topology-preferred', 'topology-required', 'type'] as const),
] as const;

export default class VolumeCreate extends EngineCommand {
  static override summary = 'Make a volume';
  static override description = 'Prints its name, which the engine makes up when none is given.';
  static override examples = [
    '<%= config.bin %> volume create data',
    '<%= config.bin %> volume create --label keep data',
  ];
  static override args = { volume: Args.string({ description: 'name', ignoreStdin: true }) };
  static override flags = {
    ...machineFlag,
    ...swarmOnly(clusterFlags),
    driver: Flags.string({ char: 'd', description: 'volume driver', default: 'local' }),
    label: Flags.string({
      description: 'label',
      helpValue: 'KEY[=VALUE]',
      multiple: true,
      multipleNonGreedy: true,
    }),
    opt: Flags.string({
      ...{ char: 'o', description: 'option of the driver', helpValue: 'KEY=VALUE' },
      ...{ multiple: true, multipleNonGreedy: true },
    }),
  };

  async run(): Promise<VolumeResource> {
    const { args, flags } = await this.parse(VolumeCreate);
    refuseSwarm(clusterFlags, flags);
    const body = {
      Name: args.volume ?? '',
      Driver: flags.driver,
      DriverOpts: parseKeyValues('--opt', flags.opt ?? []),
      Labels: parseLabels(flags.label ?? []),
    };
    using client = await this.engineClient(flags.machine);
    const volume = await createVolume(client, body, this.signal);
    this.log(volume.Name);
    return volume;
  }
}
