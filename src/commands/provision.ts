import { MachineCommand, type MachineOutcome, machineArguments } from '../cli/machine-command.js';
import type { ProvisionResult } from '../machine/provision-machine.js';

export default class Provision extends MachineCommand {
  static override summary = 'Set machines up, or finish what was begun';
  static override description =
    'Looks at the host and does only what is missing; a creation that was interrupted is finished.';
  static override examples = ['<%= config.bin %> provision web', '<%= config.bin %> provision web db'];
  static override args = machineArguments;
  static override strict = false;

  async run(): Promise<readonly MachineOutcome<ProvisionResult>[]> {
    const { argv } = await this.parse(Provision);
    const outcomes = await this.forEachMachine(this.machineNames(argv), (name, context) =>
      this.machines.provision(name, context),
    );
    this.reporter.close('done');
    for (const { machine, result } of outcomes) {
      const done = result.applied.length > 0 ? result.applied.join(', ') : 'there was nothing to do';
      this.log(`machine "${machine}" is ready: ${done}`);
    }
    return outcomes;
  }
}
