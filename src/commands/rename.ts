import { Args } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import type { MachineRecord } from '../machine/record.js';

export default class Rename extends BaseCommand {
  static override summary = 'Give a machine another name';
  static override description =
    "The host is not touched but for its certificate, which gets the new name; its own name and its containers stay as they are. Shells with the old name need a new 'env'.";
  static override examples = ['<%= config.bin %> rename web web-old'];
  static override args = {
    old: Args.string({ required: true, description: 'machine' }),
    new: Args.string({ required: true, description: 'new name' }),
  };

  async run(): Promise<MachineRecord> {
    const { args } = await this.parse(Rename);
    const machine = await this.machines.rename(args.old, args.new, this.context());
    this.reporter.close('done');
    this.log(`machine "${args.old}" is now "${machine.name}"`);
    return machine;
  }
}
