import { MachineCommand, type MachineOutcome, machineArguments } from '../cli/machine-command.js';

export default class Restart extends MachineCommand {
  static override summary = 'Restart machines; a stopped one is started';
  static override description =
    'Returns when the agents answer. Where the provider gives a new address, certificates and contexts follow it.';
  static override examples = ['<%= config.bin %> restart web', '<%= config.bin %> restart web db'];
  static override args = machineArguments;
  static override strict = false;

  async run(): Promise<readonly MachineOutcome<void>[]> {
    const { argv } = await this.parse(Restart);
    const outcomes = await this.forEachMachine(this.machineNames(argv), (name, context) =>
      this.machines.restart(name, context),
    );
    this.reporter.close('done');
    for (const { machine } of outcomes) this.log(`machine "${machine}" is running`);
    return outcomes;
  }
}
