import { Args } from '@oclif/core';
import { commitContainer } from '../../api/client/container-actions.js';
import { composeFlags } from '../../cli/compose/flags.js';
import { indexFlag } from '../../cli/compose/index-flag.js';
import { serviceContainer } from '../../cli/compose/one-container.js';
import { ProjectCommand } from '../../cli/compose/project-command.js';
import { commitFlags, commitOptions } from '../../cli/docker/commit-flags.js';

export default class ComposeCommit extends ProjectCommand {
  static override summary = 'Make an image of the changes in a container of a service';
  static override description =
    'On the machine of the service. The container is paused meanwhile, unless --no-pause is given. Prints the ID of the image.';
  static override examples = [
    '<%= config.bin %> compose commit web my-web:v2',
    '<%= config.bin %> compose commit --index 2 -a me --message "with index" web my-web',
  ];
  static override args = {
    service: Args.string({ description: 'service', required: true, ignoreStdin: true }),
    image: Args.string({ description: 'REPOSITORY[:TAG]; else the image has no name', ignoreStdin: true }),
  };
  static override flags = { ...composeFlags, ...indexFlag, ...commitFlags };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ComposeCommit);
    const options = commitOptions(args.image, flags);
    await this.withProjectOrLabels(flags, { services: [args.service], along: 'none' }, async (open) => {
      const { id, machine } = await serviceContainer(open, args.service, flags.index);
      if (open.dryRun) return;
      this.print(`${await commitContainer(open.fleet.client(machine), id, options, this.signal)}\n`);
    });
  }
}
