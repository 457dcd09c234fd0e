import { Args } from '@oclif/core';
import { ContextCommand } from '../../cli/context-command.js';
import { errorMessage } from '../../shared/errors.js';

interface Synced {
  readonly made: readonly string[];
  readonly changed: readonly string[];
  readonly kept: readonly string[];
  readonly removed: readonly string[];
}

export default class ContextSync extends ContextCommand {
  static override summary = "Make docker's contexts those of the machines";
  static override description =
    'Afterwards "docker --context NAME" works on the machine in every shell. Contexts of machines that are gone are removed; those that were not made here are left alone. Without names: all machines that are ready.';
  static override examples = [
    '<%= config.bin %> context sync',
    '<%= config.bin %> context sync web && docker --context web ps',
  ];
  static override args = { name: Args.string({ description: 'machines; else all that are ready' }) };
  static override strict = false;

  async run(): Promise<Synced> {
    const { argv } = await this.parse(ContextSync);
    const all = await this.machines.names();
    const named = argv.map(String);
    const done: Record<'made' | 'changed' | 'kept', string[]> = { made: [], changed: [], kept: [] };
    for (const name of named) done[await this.writeContext(name)].push(name);
    for (const name of named.length > 0 ? [] : all) {
      const outcome = await this.writeContext(name).catch((error: unknown) => {
        this.reporter.warn(`"${name}" gets no context: ${errorMessage(error)}`);
      });
      if (outcome) done[outcome].push(name);
    }
    const removed = (await this.contexts.list()).filter((name) => !all.includes(name));
    for (const name of removed) await this.contexts.remove(name);
    for (const [what, names] of Object.entries({ ...done, removed })) {
      if (what !== 'kept') for (const name of names) this.log(`context "${name}" is ${what}`);
    }
    return { ...done, removed };
  }
}
