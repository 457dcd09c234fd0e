import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';

export default class SnapshotCreate extends BaseCommand {
  static override summary = 'Keep the present state of a machine';
  static override description =
    `Disks, and the memory of a running machine, are kept under that name in the provider's storage. Only for drivers that can.`;
  static override examples = [
    '<%= config.bin %> snapshot create web before-upgrade',
    '<%= config.bin %> snapshot create web "$(date +%F)"',
  ];
  static override args = {
    name: Args.string({ required: true, description: 'machine' }),
    snapshot: Args.string({ description: 'name of the snapshot [default: the time]' }),
  };

  async run(): Promise<{ readonly machine: string; readonly snapshot: string }> {
    const { args } = await this.parse(SnapshotCreate);
    const snapshot = args.snapshot ?? new Date().toISOString().replace(/[:.]/g, '-');
    await this.machines.createSnapshot(args.name, snapshot, this.context());
    this.reporter.close('done');
    this.log(snapshot);
    return { machine: args.name, snapshot };
  }
}
