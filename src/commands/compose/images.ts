import { Flags } from '@oclif/core';
import { inspectImage } from '../../api/client/images.js';
import { ownContainers } from '../../cli/compose/act-on-containers.js';
import { composeFlags } from '../../cli/compose/flags.js';
import { type ImageRow, imageRow, imageTable } from '../../cli/compose/image-rows.js';
import { ProjectCommand } from '../../cli/compose/project-command.js';
import { serviceArguments } from '../../cli/compose/service-arguments.js';

export default class ComposeImages extends ProjectCommand {
  static override summary = 'List the images of the containers that were made';
  static override description = 'One line a container, with the size of its image.';
  static override examples = [
    '<%= config.bin %> compose images',
    '<%= config.bin %> compose images --format json web',
  ];
  static override strict = false;
  static override args = serviceArguments;
  static override flags = {
    ...composeFlags,
    quiet: Flags.boolean({ char: 'q', description: 'only IDs' }),
    format: Flags.option({ options: ['table', 'json'] as const })({
      description: 'format',
      default: 'table',
    }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(ComposeImages);
    const request = { services: argv.map(String), along: 'none' } as const;
    await this.withProjectOrLabels(flags, request, async (open) => {
      const rows: ImageRow[] = [];
      for (const { machine, name, summary } of await ownContainers(open)) {
        const image = await inspectImage(open.fleet.client(machine), summary.ImageID, open.signal);
        rows.push(imageRow(name, summary.Image, image));
      }
      if (flags.quiet)
        this.print([...new Set(rows.map(({ ID }) => `${ID.replace(/^sha256:/, '')}\n`))].join(''));
      else if (flags.format === 'json') this.print(`${JSON.stringify(rows)}\n`);
      else this.print(imageTable(rows));
    });
  }
}
