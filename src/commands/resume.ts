import { MachineCommand, type MachineOutcome, machineArguments } from '../cli/machine-command.js';
import type { PowerOutcome } from '../machine/power/power.js';

export default class Resume extends MachineCommand {
  static override summary = 'Let suspended machines go on';
  static override description =
    'Returns when the machines answer. To finish an interrupted creation, see "create --resume".';
  static override examples = ['<%= config.bin %> resume web', '<%= config.bin %> resume web db'];
  static override args = machineArguments;
  static override strict = false;

  async run(): Promise<readonly MachineOutcome<PowerOutcome>[]> {
    const { argv } = await this.parse(Resume);
    const outcomes = await this.forEachMachine(this.machineNames(argv), (name, context) =>
      this.machines.resume(name, context),
    );
    this.reporter.close('done');
    for (const { machine, result } of outcomes) {
      this.log(`machine "${machine}" is ${result.changed ? '' : 'already '}running`);
    }
    return outcomes;
  }
}
