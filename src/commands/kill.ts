import { MachineCommand, type MachineOutcome, machineArguments } from '../cli/machine-command.js';
import type { PowerOutcome } from '../machine/power/power.js';

export default class Kill extends MachineCommand {
  static override summary = 'Stop machines at once, as by pulling the plug';
  static override description =
    'The host is not asked to shut down, so what it has not written to its disks is lost. Killing a stopped machine succeeds.';
  static override examples = ['<%= config.bin %> kill web', '<%= config.bin %> kill web db'];
  static override args = machineArguments;
  static override strict = false;

  async run(): Promise<readonly MachineOutcome<PowerOutcome>[]> {
    const { argv } = await this.parse(Kill);
    const outcomes = await this.forEachMachine(this.machineNames(argv), (name, context) =>
      this.machines.kill(name, context),
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
