import { Args } from '@oclif/core';
import { ContextCommand } from '../cli/context-command.js';
import type { MachineRecord } from '../machine/store/record.js';
import { errorMessage } from '../shared/errors.js';

export default class Rename extends ContextCommand {
  static override summary = 'Give a machine another name';
  static override description =
    "The host is not touched but for its certificate, which gets the new name; its own name and its containers stay as they are. Shells with the old name need a new 'env'. A docker context that 'context sync' made is renamed too.";
  static override examples = ['<%= config.bin %> rename web web-old', '<%= config.bin %> rename web-new web'];
  static override args = {
    old: Args.string({ required: true, description: 'machine' }),
    new: Args.string({ required: true, description: 'new name' }),
  };

  async run(): Promise<MachineRecord> {
    const { args } = await this.parse(Rename);
    const machine = await this.machines.rename(args.old, args.new, this.context());
    this.reporter.close('done');
    this.log(`machine "${args.old}" is now "${machine.name}"`);
    await this.renameContext(args.old, machine.name);
    return machine;
  }

  /** Only one of ours; what docker does not take as a name leaves the machine without a context. */
  private async renameContext(old: string, name: string): Promise<void> {
    if (!(await this.contexts.remove(old))) return;
    try {
      await this.writeContext(name);
      this.log(`context "${old}" is now "${name}"`);
    } catch (error) {
      this.signal.throwIfAborted();
      this.reporter.warn(`context "${old}" is removed, and "${name}" gets none: ${errorMessage(error)}`);
    }
  }
}
