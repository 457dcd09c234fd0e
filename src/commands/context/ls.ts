import { ContextCommand } from '../../cli/context-command.js';
import { environmentMeta } from '../../cli/context-endpoint.js';
import { listFlags, tableFormat } from '../../cli/docker/list-flags.js';
import { formatRows } from '../../cli/format-template.js';
import type { StoredContext } from '../../machine/contexts/context-store.js';
import { isJsonObject } from '../../shared/json.js';

const table = 'table {{.Name}}{{if .Current}} *{{end}}\t{{.Description}}\t{{.DockerEndpoint}}\t{{.Error}}';
const headers = { Name: 'NAME', DockerEndpoint: 'DOCKER ENDPOINT', Current: '' };

interface ContextRow {
  readonly Current: boolean;
  readonly Description: string;
  readonly DockerEndpoint: string;
  readonly Error: string;
  readonly Name: string;
}

export default class ContextLs extends ContextCommand {
  static override summary = "List docker's contexts";
  static override description =
    'As "docker context ls": those of machines and others, the one in use with a star.';
  static override examples = [
    '<%= config.bin %> context ls',
    `<%= config.bin %> context ls --format '{{.Name}} {{.DockerEndpoint}}'`,
  ];
  static override flags = { quiet: listFlags.quiet, format: listFlags.format };

  async run(): Promise<readonly ContextRow[]> {
    const { flags } = await this.parse(ContextLs);
    const current = await this.currentContext();
    const all = [...(await this.contextStore.all()), environmentMeta(this.environment)];
    const rows = all.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map((each) => rowOf(each, current));
    const format = tableFormat(flags, { quiet: '{{.Name}}', table });
    const text = formatRows(format, rows, { headers, minimumWidth: 10 });
    if (!this.jsonEnabled()) this.print(text);
    return rows;
  }
}

function rowOf({ name, metadata, endpoints: { docker } }: StoredContext, current: string): ContextRow {
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return {
    Current: name === current,
    Description: text(metadata['Description']),
    DockerEndpoint: isJsonObject(docker) ? text(docker['Host']) : '',
    Error: '',
    Name: name,
  };
}
