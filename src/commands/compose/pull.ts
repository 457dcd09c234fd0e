import { Flags } from '@oclif/core';
import { composeFlags } from '../../cli/compose/flags.js';
import { forEachImage } from '../../cli/compose/for-each-image.js';
import { ProjectCommand } from '../../cli/compose/project-command.js';
import { serviceArguments } from '../../cli/compose/service-arguments.js';
import { findImage } from '../../compose/engine/ensure-images.js';

export default class ComposePull extends ProjectCommand {
  static override summary = 'Pull the images of services';
  static override description =
    'Each on the machine of its service. Services that are built and have no image of their own are left out.';
  static override examples = [
    '<%= config.bin %> compose pull',
    '<%= config.bin %> compose pull --ignore-pull-failures --include-deps web',
  ];
  static override strict = false;
  static override args = serviceArguments;
  static override flags = {
    ...composeFlags,
    quiet: Flags.boolean({ char: 'q', description: 'show no progress' }),
    'include-deps': Flags.boolean({ description: 'also of the services that they depend on' }),
    'ignore-buildable': Flags.boolean({ description: 'leave out what can be built' }),
    'ignore-pull-failures': Flags.boolean({ description: 'pull what can be pulled' }),
    policy: Flags.option({ options: ['missing', 'always'] as const })({
      description: 'only what is not there, or everything',
    }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(ComposePull);
    const along = flags['include-deps'] ? 'dependencies' : 'none';
    await this.withProject(flags, { services: argv.map(String), along }, async (open) => {
      const { progress, signal } = open;
      const source = this.imageSource(open, { quietPull: flags.quiet });
      await forEachImage(
        open,
        (service) =>
          service.image !== undefined && !(flags['ignore-buildable'] && service.build !== undefined),
        async (client, image, service) => {
          const keeps = flags.policy === 'missing' || service.pullPolicy === 'missing';
          if (keeps && (await findImage(client, image, signal))) {
            progress.event({
              id: service.name,
              status: 'done',
              text: 'Skipped - Image is already present locally',
            });
            return;
          }
          await source.pull(client, image, service);
        },
        { ignoreFailures: flags['ignore-pull-failures'] },
      );
    });
  }
}
