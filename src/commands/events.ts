import { Flags } from '@oclif/core';
import { engineEvents } from '../api/client/system.js';
import { eventLine } from '../cli/docker/event-line.js';
import { parseFilters } from '../cli/docker/key-values.js';
import { withMachine } from '../cli/docker/list-command.js';
import { MachinesCommand, machinesFlags } from '../cli/docker/machines-command.js';
import { parseTimestamp } from '../cli/docker/timestamp.js';

export default class Events extends MachinesCommand {
  static override summary = 'Show what happens on a machine, as it happens';
  static override description =
    'Containers that start and end, images that come and go. Goes on until Ctrl-C, or until --until.';
  static override examples = [
    '<%= config.bin %> events --filter type=container',
    `<%= config.bin %> events --since 1h --until 0s --format '{{.Action}} {{.Actor.ID}}'`,
  ];
  static override enableJsonFlag = false;
  static override flags = {
    ...machinesFlags,
    filter: Flags.string({
      ...{ char: 'f', description: 'only events with this property', helpValue: 'KEY=VALUE' },
      ...{ multiple: true, multipleNonGreedy: true },
    }),
    since: Flags.string({ description: 'begin with what happened at a time, or 42m ago', helpValue: 'TIME' }),
    until: Flags.string({ description: 'end at a time', helpValue: 'TIME' }),
    format: Flags.string({ description: 'json, or a Go template over the fields' }),
  };

  protected override get endsWithInterrupt(): boolean {
    return true;
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Events);
    const now = Date.now();
    const options = {
      since: flags.since === undefined ? undefined : parseTimestamp('--since', flags.since, now),
      until: flags.until === undefined ? undefined : parseTimestamp('--until', flags.until, now),
      filters: parseFilters(flags.filter ?? []),
    };
    const shown = this.showsMachines(flags);
    await this.followEach(flags, async (client, output, machine) => {
      // A format says itself where the machine stands.
      const { stdout } = flags.format === undefined ? output : this.stdio;
      for await (const event of engineEvents(client, options, this.signal)) {
        stdout.write(eventLine(withMachine(event, machine, shown), flags.format));
      }
    });
  }
}
