import { Flags } from '@oclif/core';
import { downProject } from '../../cli/compose/down-project.js';
import { composeFlags } from '../../cli/compose/flags.js';
import { ProjectCommand } from '../../cli/compose/project-command.js';
import { serviceArguments } from '../../cli/compose/service-arguments.js';

export default class ComposeDown extends ProjectCommand {
  static override summary = 'Stop and remove containers and networks of the project';
  static override description =
    'On all its machines. Volumes stay unless -v is given, images unless --rmi is. With --project-name it needs no Compose file: then it removes what carries the labels of the project.';
  static override examples = [
    '<%= config.bin %> compose down',
    '<%= config.bin %> compose down -v --rmi local --remove-orphans',
    '<%= config.bin %> compose --project-name shop down',
  ];
  static override strict = false;
  static override args = serviceArguments;
  static override flags = {
    ...composeFlags,
    volumes: Flags.boolean({ char: 'v', description: 'remove volumes, named and anonymous' }),
    rmi: Flags.option({ options: ['local', 'all'] as const })({
      description: 'remove images: those without a name of their own, or all',
    }),
    'remove-orphans': Flags.boolean({
      description: 'remove containers of services that the files do not have',
    }),
    timeout: Flags.integer({ char: 't', description: 'seconds until a container that is stopped is killed' }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(ComposeDown);
    const services = argv.map(String);
    const request = { services, along: 'none', timeout: flags.timeout } as const;
    await this.withProjectOrLabels(flags, request, (open) =>
      downProject(open, {
        services,
        volumes: flags.volumes,
        images: flags.rmi,
        removeOrphans: flags['remove-orphans'] || open.settings.removeOrphans,
      }),
    );
  }
}
