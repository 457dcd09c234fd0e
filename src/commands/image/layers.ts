import { Args, Flags } from '@oclif/core';
import { EngineCommand, machineFlag } from '../../cli/docker/engine-command.js';
import { argumentMissing } from '../../cli/docker/errors.js';
import { openImageTar } from '../../cli/docker/image-tar.js';
import { archiveContent } from '../../cli/layers/archive-content.js';
import { engineContent } from '../../cli/layers/engine-content.js';
import { layersPage } from '../../cli/layers/html/layers-page.js';
import type { ImageContent } from '../../cli/layers/image-content.js';
import { type ImageReport, reportLayers } from '../../cli/layers/layer-report.js';
import { layerTable } from '../../cli/layers/layer-table.js';
import { writeFileAtomically } from '../../shared/atomic-file.js';

export default class ImageLayers extends EngineCommand {
  static override summary = 'Show what each layer of images adds, changes and deletes, and what is wasted';
  static override description =
    'Wasted is what a later layer replaces or removes: it is stored and sent, and nobody sees it. With several images, those that share a layer are told.';
  static override examples = [
    '<%= config.bin %> image layers my-app',
    '<%= config.bin %> image layers --html layers.html my-app:1 my-app:2 nginx',
    'docker save my-app | <%= config.bin %> image layers -i -',
  ];
  static override strict = false;
  static override args = {
    image: Args.string({ description: 'names or IDs', ignoreStdin: true }),
  };
  static override flags = {
    ...machineFlag,
    files: Flags.boolean({ description: 'list every file that a layer changes' }),
    html: Flags.string({
      description: 'write a page with a picture of the layers to this file',
      helpValue: 'FILE',
    }),
    input: Flags.string({
      ...{
        char: 'i',
        description: 'read an archive of "docker save" instead; - is STDIN',
        helpValue: 'FILE',
      },
      exclusive: ['machine'],
    }),
    'no-trunc': Flags.boolean({ description: 'whole digests and instructions' }),
  };

  async run(): Promise<readonly ImageReport[]> {
    const { argv, flags } = await this.parse(ImageLayers);
    const names = argv.map(String);
    const images =
      flags.input === undefined
        ? await this.#read(names, flags.machine)
        : await this.#readArchive(flags.input);
    const reports = reportLayers(images);
    if (flags.html !== undefined) {
      await writeFileAtomically(flags.html, await layersPage(reports), 0o644);
      this.reporter.info(`wrote ${flags.html}`);
      return reports;
    }
    const options = { files: flags.files, noTruncation: flags['no-trunc'] };
    this.print(reports.map((report) => layerTable(report, options)).join('\n'));
    return reports;
  }

  async #read(names: readonly string[], machine: string | undefined): Promise<readonly ImageContent[]> {
    if (names.length === 0) throw argumentMissing('IMAGE', '"tsmachine image layers IMAGE…"');
    using client = await this.engineClient(machine);
    const images: ImageContent[] = [];
    for (const name of names) images.push(await engineContent(client, name, this.signal));
    return images;
  }

  async #readArchive(path: string): Promise<readonly ImageContent[]> {
    const archive = await openImageTar(path === '-' ? undefined : path, this.stdio.stdin);
    return await archiveContent(archive);
  }
}
