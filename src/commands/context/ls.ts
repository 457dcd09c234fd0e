import { ContextCommand } from '../../cli/context-command.js';
import { listFlags, tableFormat } from '../../cli/docker/list-flags.js';
import { formatRows } from '../../cli/format-template.js';

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
    const entries = [...(await this.contexts.entries()), this.defaultContext()];
    const rows = entries
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, description, host }) => ({
        ...{ Current: name === current, Description: description, DockerEndpoint: host },
        ...{ Error: '', Name: name },
      }));
    const format = tableFormat(flags, { quiet: '{{.Name}}', table });
    const text = formatRows(format, rows, { headers, minimumWidth: 10 });
    if (!this.jsonEnabled()) this.print(text);
    return rows;
  }
}
