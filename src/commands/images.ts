import { Args, Flags } from '@oclif/core';
import { listImages } from '../api/client/images.js';
import type { ImageSummary } from '../api/client/types.js';
import { imageHeaders, imageRows, imageTable } from '../cli/docker/image-rows.js';
import { parseFilters } from '../cli/docker/key-values.js';
import { ListCommand } from '../cli/docker/list-command.js';
import { listFlags } from '../cli/docker/list-flags.js';
import { machinesFlags } from '../cli/docker/machines-command.js';

export default class Images extends ListCommand {
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
    ...machinesFlags,
    ...listFlags,
    all: Flags.boolean({ char: 'a', description: 'also the images that others are made of' }),
    digests: Flags.boolean({ description: 'show digests' }),
    'no-trunc': Flags.boolean({ description: 'whole IDs' }),
  };

  async run(): Promise<readonly ImageSummary[]> {
    const { args, flags } = await this.parse(Images);
    const reference = args.repository === undefined ? [] : [`reference=${args.repository}`];
    const filters = parseFilters([...(flags.filter ?? []), ...reference]);
    const digests = flags.digests || (flags.format ?? '').includes('.Digest');
    const request = { all: flags.all, digests: flags.digests, filters };
    const options = { noTruncation: flags['no-trunc'], digests, now: Date.now() };
    return await this.list(flags, (client) => listImages(client, request, this.signal), {
      rows: (image) => imageRows(image, options),
      quiet: '{{.ID}}',
      table: imageTable({ digests }),
      headers: imageHeaders,
    });
  }
}
