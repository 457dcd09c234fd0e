import { Args, Flags } from '@oclif/core';
import { searchImages } from '../api/client/registries.js';
import type { SearchResult } from '../api/registry.js';
import { EngineCommand, machineFlag } from '../cli/docker/engine-command.js';
import { parseFilters } from '../cli/docker/key-values.js';
import { searchHeaders, searchRow, searchTable } from '../cli/docker/search-rows.js';
import { formatRows } from '../cli/format-template.js';

export default class Search extends EngineCommand {
  static override summary = 'Search a registry for images';
  static override description =
    'On Docker Hub, or on the registry that the term begins with, if it can be searched.';
  static override examples = [
    '<%= config.bin %> search nginx',
    '<%= config.bin %> search --filter stars=100 --limit 5 registry.example.com/nginx',
  ];
  static override args = {
    term: Args.string({ description: '[REGISTRY/]TERM', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...machineFlag,
    filter: Flags.string({
      ...{ char: 'f', description: 'is-official=true or stars=NUMBER', helpValue: 'KEY=VALUE' },
      ...{ multiple: true, multipleNonGreedy: true },
    }),
    limit: Flags.integer({ description: 'at most this many', min: 1, max: 100 }),
    'no-trunc': Flags.boolean({ description: 'whole descriptions' }),
    format: Flags.string({ description: 'table, "table TEMPLATE", json, or a Go template over the fields' }),
  };

  async run(): Promise<readonly SearchResult[]> {
    const { args, flags } = await this.parse(Search);
    const authorization = await this.registryAuthorization(args.term);
    using client = await this.engineClient(flags.machine);
    const options = {
      ...{ term: args.term, limit: flags.limit, authorization },
      filters: parseFilters(flags.filter ?? []),
    };
    const found = await searchImages(client, options, this.signal);
    const rows = found
      .toSorted((a, b) => b.star_count - a.star_count)
      .map((result) => searchRow(result, { noTruncation: flags['no-trunc'] }));
    const format = flags.format === undefined || flags.format === 'table' ? searchTable : flags.format;
    this.print(formatRows(format, rows, { headers: searchHeaders, minimumWidth: 10 }));
    return found;
  }
}
