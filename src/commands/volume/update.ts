import { Args, Flags } from '@oclif/core';
import { inspectVolume } from '../../api/client/volumes.js';
import { EngineCommand, machineFlag } from '../../cli/docker/engine-command.js';
import { noClusterVolume } from '../../cli/docker/errors.js';

export default class VolumeUpdate extends EngineCommand {
  static override summary = 'Update a volume of a Swarm, of which there are none here';
  static override description =
    'Says so, as docker does for every other volume. A volume has its labels and options from its creation.';
  static override examples = [
    '<%= config.bin %> volume update data',
    '<%= config.bin %> volume update --availability drain data',
  ];
  static override args = {
    volume: Args.string({ description: 'name', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...machineFlag,
    availability: Flags.option({ options: ['active', 'pause', 'drain'] as const })({
      description: "availability of a Swarm's volume",
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(VolumeUpdate);
    using client = await this.engineClient(flags.machine);
    await inspectVolume(client, args.volume, this.signal);
    throw noClusterVolume();
  }
}
