import { MachineCommand, type MachineOutcome, machineArguments } from '../cli/machine-command.js';
import type { UpgradeOutcome } from '../machine/machine-service.js';

export default class Upgrade extends MachineCommand {
  static override summary = 'Bring the agent of machines to the version of this tsmachine';
  static override description =
    'A stopped machine is started. Containers run on while the agent is replaced.';
  static override examples = ['<%= config.bin %> upgrade web', '<%= config.bin %> upgrade web db'];
  static override args = machineArguments;
  static override strict = false;

  async run(): Promise<readonly MachineOutcome<UpgradeOutcome>[]> {
    const { argv } = await this.parse(Upgrade);
    const outcomes = await this.forEachMachine(this.machineNames(argv), (name, context) =>
      this.machines.upgrade(name, context),
    );
    this.reporter.close('done');
    for (const { machine, result } of outcomes) this.log(`machine "${machine}" ${sentence(result)}`);
    return outcomes;
  }
}

function sentence({ from, to, applied }: UpgradeOutcome): string {
  if (applied.length === 0) return `has version ${to} already`;
  return from === undefined || from === to ? `is at version ${to}` : `is at version ${to}, was at ${from}`;
}
