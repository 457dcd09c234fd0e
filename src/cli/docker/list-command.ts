import type { EngineClient } from '../../api/client/engine-client.js';
import { formatRows } from '../format-template.js';
import { tableFormat } from './list-flags.js';
import { type MachineSelection, MachinesCommand } from './machines-command.js';

export interface ListView<T> {
  /** What an item looks like: one row, or several. */
  rows(item: T): readonly object[];
  /** The templates of --quiet and of the table. */
  readonly quiet: string;
  readonly table: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The table takes the place of all that is on the terminal. */
  readonly clear?: boolean;
}

export interface ListRequest extends MachineSelection {
  readonly quiet?: boolean;
  readonly format?: string | undefined;
}

/** A command that prints a table of what there is, on one machine or several. */
export abstract class ListCommand extends MachinesCommand {
  /** Answers the items; those of several machines know theirs as `Machine`, which is also the first column. */
  protected async list<T extends object>(
    request: ListRequest,
    ask: (client: EngineClient) => Promise<readonly T[]>,
    view: ListView<T>,
  ): Promise<readonly T[]> {
    const shown = this.showsMachines(request);
    const { answers, failures } = await this.askEach(request, ask);
    const items = answers.flatMap(({ machine, answer }) => answer.map((item) => ({ machine, item })));
    const rows = items.flatMap(({ machine, item }) =>
      view.rows(item).map((row) => withMachine(row, machine, shown)),
    );
    const table = shown ? view.table.replace('table ', 'table {{.Machine}}\t') : view.table;
    const format = tableFormat(request, { quiet: view.quiet, table });
    const text = formatRows(format, rows, { headers: view.headers, minimumWidth: 10 });
    this.print(view.clear ? `\u001b[H\u001b[2J${text}` : text);
    for (const failure of failures) this.complain(failure);
    return items.map(({ machine, item }) => (shown ? withMachine(item, machine, true) : item));
  }
}

/** `{{.Machine}}` is there for every template; as JSON it is shown only where several machines were asked. */
export function withMachine<T extends object>(row: T, machine: string, shown: boolean): T {
  const own = Object.getOwnPropertyDescriptors(row); // with what is not shown as JSON
  return Object.defineProperties({ ...row }, { ...own, Machine: { value: machine, enumerable: shown } });
}
