import { MachineCommand, type MachineOutcome, machineArguments } from '../cli/machine-command.js';
import type { PowerOutcome } from '../machine/power/power.js';

export default class Start extends MachineCommand {
  static override summary = 'Start machines, and wait until their agent answers';
  static override description =
    'Starting a running machine succeeds. Where the provider gives a new address, certificates and contexts follow it; shells need a new "env".';
  static override examples = ['<%= config.bin %> start web', '<%= config.bin %> start web db'];
  static override args = machineArguments;
  static override strict = false;

  async run(): Promise<readonly MachineOutcome<PowerOutcome>[]> {
    const { argv } = await this.parse(Start);
    const outcomes = await this.forEachMachine(this.machineNames(argv), (name, context) =>
      this.machines.start(name, context),
    );
    this.reporter.close('done');
    for (const { machine, result } of outcomes) {
      this.log(
        result.changed ? `machine "${machine}" is running` : `Machine "${machine}" is already running.`,
      );
    }
    return outcomes;
  }
}
