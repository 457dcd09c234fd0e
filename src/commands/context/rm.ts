import { Args, Flags } from '@oclif/core';
import { ContextCommand } from '../../cli/context-command.js';
import { joinedErrors } from '../../cli/joined-errors.js';
import { chooseContext } from '../../machine/contexts/current-context.js';
import { contextInUse, contextIsDefault, contextNotFound } from '../../machine/contexts/errors.js';
import { settleAll } from '../../shared/settle-all.js';

export default class ContextRm extends ContextCommand {
  static override summary = "Remove docker's contexts";
  static override description =
    'As "docker context rm". Removing a machine removes its context too. Without names: all those of machines of this store.';
  static override examples = [
    '<%= config.bin %> context rm far',
    '<%= config.bin %> context rm -f web',
    '<%= config.bin %> context rm',
  ];
  static override args = { name: Args.string({ description: 'contexts; else those of all machines' }) };
  static override flags = {
    force: Flags.boolean({ char: 'f', description: 'also the one in use, and none that is not there' }),
  };
  static override strict = false;

  async run(): Promise<{ readonly removed: readonly string[] }> {
    const { argv, flags } = await this.parse(ContextRm);
    if (argv.length === 0) return { removed: await this.removeOurs() };
    const removed: string[] = [];
    const results = await settleAll(argv.map(String), 1, async (name) => {
      await this.removeOne(name, flags.force);
      removed.push(name);
      this.log(name);
    });
    const failures = results.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    if (failures.length > 0) throw joinedErrors(failures);
    return { removed };
  }

  private async removeOurs(): Promise<readonly string[]> {
    const names = await this.contexts.list();
    for (const name of names) {
      await this.contexts.remove(name);
      this.log(`context "${name}" is removed`);
    }
    return names;
  }

  private async removeOne(name: string, force: boolean): Promise<void> {
    if (name === 'default') throw contextIsDefault();
    const isCurrent = (await this.currentContext()) === name;
    if (isCurrent && !force) throw contextInUse(name);
    if (!force && !(await this.contextStore.find(name))) throw contextNotFound(name);
    await this.contextStore.remove(name);
    if (isCurrent) await chooseContext(this.dockerConfig, 'default');
  }
}
