import { Flags } from '@oclif/core';
import { MachineCommand, type MachineOutcome, machineArguments } from '../cli/machine-command.js';
import { parseWaitGoal } from '../machine/wait-for-machine.js';

export default class Wait extends MachineCommand {
  static override summary = 'Wait until machines can be logged in to, answer, or are in a state';
  static override description =
    'The goal is "engine" (its agent answers), "ssh" (it can be logged in to) or a state, as "ls" shows it. Fails when the time is over.';
  static override examples = [
    '<%= config.bin %> wait web',
    '<%= config.bin %> wait --for state=stopped --timeout 60 web db',
  ];
  static override args = machineArguments;
  static override strict = false;
  static override flags = {
    for: Flags.string({ default: 'engine', description: 'ssh, engine, or state=STATE', helpValue: 'WHAT' }),
    timeout: Flags.integer({ char: 't', default: 300, min: 0, description: 'seconds to wait at most' }),
  };

  async run(): Promise<readonly MachineOutcome<void>[]> {
    const { argv, flags } = await this.parse(Wait);
    const goal = parseWaitGoal(flags.for);
    return this.forEachMachine(this.machineNames(argv), (name, context) =>
      this.machines.wait(name, goal, flags.timeout * 1000, context),
    );
  }
}
