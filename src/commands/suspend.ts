import { MachineCommand, type MachineOutcome, machineArguments } from '../cli/machine-command.js';
import type { PowerOutcome } from '../machine/power/power.js';

export default class Suspend extends MachineCommand {
  static override summary = 'Suspend machines: their memory is kept, their processors are free';
  static override description = 'Containers stand still until "resume". Only for drivers that can.';
  static override examples = ['<%= config.bin %> suspend web', '<%= config.bin %> suspend web db'];
  static override args = machineArguments;
  static override strict = false;

  async run(): Promise<readonly MachineOutcome<PowerOutcome>[]> {
    const { argv } = await this.parse(Suspend);
    const outcomes = await this.forEachMachine(this.machineNames(argv), (name, context) =>
      this.machines.suspend(name, context),
    );
    this.reporter.close('done');
    for (const { machine, result } of outcomes) {
      this.log(`machine "${machine}" is ${result.changed ? '' : 'already '}suspended`);
    }
    return outcomes;
  }
}
