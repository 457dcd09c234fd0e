import { Flags } from '@oclif/core';
import { formatRows } from '../cli/format-template.js';
import { MachineCommand, machineArgument } from '../cli/machine-command.js';
import type { JsonObject } from '../shared/json.js';

export default class Inspect extends MachineCommand {
  static override summary = 'Print all that is known of a machine as JSON';
  static override description =
    `The output has the fields that docker-machine's has, and is the record as it is stored: nobody is asked. Secrets are shown as references.`;
  static override examples = [
    '<%= config.bin %> inspect web',
    `<%= config.bin %> inspect --format '{{.Driver.IPAddress}}' web`,
  ];
  static override args = machineArgument;
  static override flags = {
    format: Flags.string({ char: 'f', description: 'Go template over the keys of the JSON' }),
  };

  async run(): Promise<JsonObject> {
    const { args, flags } = await this.parse(Inspect);
    const view = await this.machines.inspect(this.machineName(args.name));
    if (flags.format) this.print(formatRows(flags.format, [view], { lenient: true }));
    else this.log(JSON.stringify(view, null, 4));
    return view;
  }
}
