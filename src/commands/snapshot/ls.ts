import { MachineCommand, machineArgument } from '../../cli/machine-command.js';
import { renderTable } from '../../cli/table.js';
import type { Snapshot } from '../../machine/power/snapshots.js';

export default class SnapshotLs extends MachineCommand {
  static override summary = "List a machine's snapshots, the oldest first";
  static override description = 'As the provider knows them, also those that were not made here.';
  static override examples = [
    '<%= config.bin %> snapshot ls web',
    '<%= config.bin %> snapshot ls --json web',
  ];
  static override args = machineArgument;

  async run(): Promise<readonly Snapshot[]> {
    const { args } = await this.parse(SnapshotLs);
    const snapshots = await this.machines.snapshots(this.machineName(args.name), this.context());
    const rows = snapshots.map(({ name, createdAt, current }) => [name, createdAt, current ? '*' : '']);
    this.print(renderTable([['NAME', 'CREATED', 'CURRENT'], ...rows]));
    return snapshots;
  }
}
