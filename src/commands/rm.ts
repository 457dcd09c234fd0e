import { Args, Flags } from '@oclif/core';
import { confirm } from '../cli/confirm.js';
import { dockerConfigDirectory } from '../cli/docker-config-directory.js';
import { confirmationNeeded } from '../cli/errors.js';
import { MachineCommand } from '../cli/machine-command.js';
import { DockerContexts } from '../machine/contexts/docker-contexts.js';

export default class Rm extends MachineCommand {
  static override summary = 'Remove machines and their hosts';
  static override description =
    'A host that was not made by tsmachine (driver ssh) is left as it is; only the machine goes.';
  static override examples = ['<%= config.bin %> rm web', '<%= config.bin %> rm --force -y web db'];
  static override args = { name: Args.string({ required: true, description: 'machines' }) };
  static override strict = false;
  static override flags = {
    force: Flags.boolean({ char: 'f', description: 'do not ask, and forget it whatever the provider says' }),
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
  };

  async run(): Promise<{ readonly removed: readonly string[] }> {
    const { argv, flags } = await this.parse(Rm);
    const names = this.machineNames(argv);
    if (!flags.yes && !flags.force && !(await this.isConfirmed(names))) {
      this.logToStderr('nothing was removed');
      return this.exit(1);
    }
    const outcomes = await this.forEachMachine(names, async (name, context) => {
      context.reporter.step(`Removing "${name}"`);
      await this.machines.remove(name, { force: flags.force }, context);
      const dockerConfig = dockerConfigDirectory(this.environment);
      await new DockerContexts(dockerConfig, this.storage).remove(name);
    });
    this.reporter.close('done');
    for (const { machine } of outcomes) this.log(`Successfully removed ${machine}`);
    return { removed: names };
  }

  /** Everything must be there before anybody is asked about it. */
  private async isConfirmed(names: readonly string[]): Promise<boolean> {
    for (const name of names) await this.machines.assertExists(name);
    if (!process.stdin.isTTY) throw confirmationNeeded(names);
    return confirm(`About to remove ${names.join(', ')}. Are you sure?`, this.signal);
  }
}
