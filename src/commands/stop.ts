import { MachineCommand, type MachineOutcome, machineArguments } from '../cli/machine-command.js';
import type { PowerOutcome } from '../machine/power/power.js';

export default class Stop extends MachineCommand {
  static override summary = 'Stop machines gracefully';
  static override description =
    `The host is asked to shut down, and is turned off when it does not within the driver's time. Containers with a restart policy start again with the machine. Stopping a stopped machine succeeds.`;
  static override examples = ['<%= config.bin %> stop web', '<%= config.bin %> stop web db'];
  static override args = machineArguments;
  static override strict = false;

  async run(): Promise<readonly MachineOutcome<PowerOutcome>[]> {
    const { argv } = await this.parse(Stop);
    const outcomes = await this.forEachMachine(this.machineNames(argv), (name, context) =>
      this.machines.stop(name, context),
    );
    this.reporter.close('done');
    for (const { machine, result } of outcomes) {
      this.log(
        result.changed ? `machine "${machine}" is stopped` : `Machine "${machine}" is already stopped.`,
      );
    }
    return outcomes;
  }
}
