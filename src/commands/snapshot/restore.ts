import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';

export default class SnapshotRestore extends BaseCommand {
  static override summary = 'Set a machine back to a snapshot';
  static override description = 'What was changed on the host since then is lost.';
  static override examples = [
    '<%= config.bin %> snapshot restore web before-upgrade',
    '<%= config.bin %> snapshot restore web 2026-01-31',
  ];
  static override args = {
    name: Args.string({ required: true, description: 'machine' }),
    snapshot: Args.string({ required: true, description: 'snapshot' }),
  };

  async run(): Promise<{ readonly machine: string; readonly snapshot: string }> {
    const { args } = await this.parse(SnapshotRestore);
    await this.machines.restoreSnapshot(args.name, args.snapshot, this.context());
    this.reporter.close('done');
    this.log(`machine "${args.name}" is as it was at "${args.snapshot}"`);
    return { machine: args.name, snapshot: args.snapshot };
  }
}
