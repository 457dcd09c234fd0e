import { Args, Flags } from '@oclif/core';
import { listImages } from '../api/client/images.js';
import type { ImageSummary } from '../api/client/types.js';
import { EngineCommand, machineFlag } from '../cli/docker/engine-command.js';
import { imageHeaders, imageRows, imageTable } from '../cli/docker/image-rows.js';
import { parseFilters } from '../cli/docker/key-values.js';
import { formatRows } from '../cli/format-template.js';

export default class Images extends EngineCommand {
  static override summary = 'List images';
  static override description =
    'Like "docker images" on the active machine, or on the one that is named with -m.';
  static override examples = [
    '<%= config.bin %> images',
    '<%= config.bin %> images --filter dangling=true -q',
  ];
  static override args = {
    repository: Args.string({ description: 'only images of this name, NAME[:TAG]', ignoreStdin: true }),
  };
  static override flags = {
    ...machineFlag,
    all: Flags.boolean({ char: 'a', description: 'also the images that others are made of' }),
    quiet: Flags.boolean({ char: 'q', description: 'only IDs' }),
    digests: Flags.boolean({ description: 'show digests' }),
    'no-trunc': Flags.boolean({ description: 'whole IDs' }),
    filter: Flags.string({
      ...{ char: 'f', description: 'only images with this property', helpValue: 'KEY=VALUE' },
      ...{ multiple: true, multipleNonGreedy: true },
    }),
    format: Flags.string({ description: 'table, "table TEMPLATE", json, or a Go template over the fields' }),
  };

  async run(): Promise<readonly ImageSummary[]> {
    const { args, flags } = await this.parse(Images);
    const reference = args.repository === undefined ? [] : [`reference=${args.repository}`];
    const filters = parseFilters([...(flags.filter ?? []), ...reference]);
    using client = await this.engineClient(flags.machine);
    const images = await listImages(client, { all: flags.all, digests: flags.digests, filters }, this.signal);
    const digests = flags.digests || (flags.format ?? '').includes('.Digest');
    const options = { noTruncation: flags['no-trunc'], digests, now: Date.now() };
    const rows = images.flatMap((image) => imageRows(image, options));
    const format =
      flags.format === undefined || flags.format === 'table' ? imageTable({ digests }) : flags.format;
    const table = { headers: imageHeaders, minimumWidth: 10 };
    this.print(formatRows(flags.quiet ? '{{.ID}}' : format, rows, table));
    return images;
  }
}
