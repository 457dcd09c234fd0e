import { Args } from '@oclif/core';
import { actOnContainer } from '../../api/client/container-actions.js';
import { EngineCommand, machineFlag } from '../../cli/docker/engine-command.js';

export default class ContainerRename extends EngineCommand {
  static override summary = 'Rename a container';
  static override description = 'It keeps its ID and goes on running. A machine is renamed by "rename".';
  static override examples = [
    '<%= config.bin %> container rename web old-web',
    '<%= config.bin %> container rename -m my-machine 4f1c web',
  ];
  static override args = {
    container: Args.string({ description: 'name or ID', required: true, ignoreStdin: true }),
    name: Args.string({ description: 'new name', required: true, ignoreStdin: true }),
  };
  static override flags = machineFlag;

  async run(): Promise<{ readonly name: string }> {
    const { args, flags } = await this.parse(ContainerRename);
    using client = await this.engineClient(flags.machine);
    await actOnContainer(client, args.container, 'rename', { name: args.name }, this.signal);
    return { name: args.name };
  }
}
