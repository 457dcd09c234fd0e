import { MachineCommand, machineArgument } from '../cli/machine-command.js';
import type { MachineSummary } from '../machine/inventory.js';

export default class Status extends MachineCommand {
  static override summary = 'Print the state of a machine in one word';
  static override description =
    'Asks the provider, with one deadline: Running, Stopped, Paused, Saved, Starting, Stopping, Error, Timeout and the like.';
  static override examples = ['<%= config.bin %> status web', '<%= config.bin %> status --json web'];
  static override args = machineArgument;

  async run(): Promise<MachineSummary> {
    const { args } = await this.parse(Status);
    const options = { timeoutMs: 10_000, environment: this.environment };
    const summary = await this.machines.summary(this.machineName(args.name), options, this.context());
    this.log(summary.state);
    if (summary.error) this.reporter.warn(summary.error);
    return summary;
  }
}
