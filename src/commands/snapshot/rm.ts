import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';

export default class SnapshotRm extends BaseCommand {
  static override summary = "Remove a machine's snapshot";
  static override description = 'The machine itself stays as it is.';
  static override examples = [
    '<%= config.bin %> snapshot rm web before-upgrade',
    '<%= config.bin %> snapshot rm web 2026-01-31',
  ];
  static override args = {
    name: Args.string({ required: true, description: 'machine' }),
    snapshot: Args.string({ required: true, description: 'snapshot' }),
  };

  async run(): Promise<{ readonly machine: string; readonly snapshot: string }> {
    const { args } = await this.parse(SnapshotRm);
    await this.machines.removeSnapshot(args.name, args.snapshot, this.context());
    this.reporter.close('done');
    this.log(`Successfully removed ${args.snapshot}`);
    return { machine: args.name, snapshot: args.snapshot };
  }
}
