import { BaseCommand } from '../cli/base-command.js';
import { type Overview, overviewText } from '../cli/overview.js';
import { findActive, machineNames } from '../machine/store/access.js';

/** What `tsmachine` alone runs. */
export default class OverviewCommand extends BaseCommand {
  static override summary = 'Show where you are: the active machine, its state, and what to do next';
  static override description =
    'The same as the program without a command. The machine has three seconds to answer.';
  static override examples = ['<%= config.bin %>', '<%= config.bin %> overview --json'];
  static override hidden = true;

  async run(): Promise<Overview> {
    await this.parse(OverviewCommand);
    const overview = await this.look();
    this.print(overviewText(overview));
    return overview;
  }

  private async look(): Promise<Overview> {
    const machines = machineNames(this.storage);
    const active = findActive(this.storage, this.environment);
    if (!active) return { machines };
    const options = { timeoutMs: 3000, environment: this.environment };
    const machine = await this.machines.summary(active.name, options, this.context());
    return { machines, active: { ...machine, chosenBy: active.by } };
  }
}
