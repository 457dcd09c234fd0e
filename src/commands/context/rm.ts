import { Args } from '@oclif/core';
import { ContextCommand } from '../../cli/context-command.js';

export default class ContextRm extends ContextCommand {
  static override summary = "Remove docker's contexts of machines";
  static override description =
    'Removing a machine removes its context too. Without names: all of this store.';
  static override examples = ['<%= config.bin %> context rm web', '<%= config.bin %> context rm'];
  static override args = { name: Args.string({ description: 'machines; else all that have one' }) };
  static override strict = false;

  async run(): Promise<{ readonly removed: readonly string[] }> {
    const { argv } = await this.parse(ContextRm);
    const names = argv.length > 0 ? argv.map(String) : await this.contexts.list();
    const removed: string[] = [];
    for (const name of names) if (await this.contexts.remove(name)) removed.push(name);
    for (const name of removed) this.log(`context "${name}" is removed`);
    return { removed };
  }
}
