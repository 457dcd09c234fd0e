import { Flags } from '@oclif/core';
import { composeFlags } from '../../cli/compose/flags.js';
import { forEachImage } from '../../cli/compose/for-each-image.js';
import { ProjectCommand } from '../../cli/compose/project-command.js';
import { pushServiceImage } from '../../cli/compose/push-service-image.js';
import { serviceArguments } from '../../cli/compose/service-arguments.js';

export default class ComposePush extends ProjectCommand {
  static override summary = 'Push the images of services that are built';
  static override description = 'Each from the machine of its service, to the registry that its name says.';
  static override examples = [
    '<%= config.bin %> compose push',
    '<%= config.bin %> compose push --ignore-push-failures web worker',
  ];
  static override strict = false;
  static override args = serviceArguments;
  static override flags = {
    ...composeFlags,
    quiet: Flags.boolean({ char: 'q', description: 'show no progress' }),
    'include-deps': Flags.boolean({ description: 'also of the services that they depend on' }),
    'ignore-push-failures': Flags.boolean({ description: 'push what can be pushed' }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(ComposePush);
    const along = flags['include-deps'] ? 'dependencies' : 'none';
    await this.withProject(flags, { services: argv.map(String), along }, (open) =>
      forEachImage(
        open,
        (service) => service.build !== undefined && service.image !== undefined,
        (client, image, service) =>
          pushServiceImage(client, image, service, {
            ...{
              progress: open.progress,
              quiet: flags.quiet,
              signal: open.signal,
              logins: this.registryLogins,
            },
          }),
        { ignoreFailures: flags['ignore-push-failures'] },
      ),
    );
  }
}
