import type { EngineClient } from '../../api/client/engine-client.js';
import { settleAll } from '../../shared/settle-all.js';
import { joinedErrors } from '../joined-errors.js';
import { EngineCommand } from './engine-command.js';

const atOnce = 16;

/** A command that does the same to each of the things that are named behind it. */
export abstract class NamesCommand extends EngineCommand {
  static override strict = false;

  /**
   * Does `work` for all, some at the same time, and prints what each answers, or its name, in the order of the names.
   * When some fail, the others still finish; then throws their failures as one error.
   */
  protected async forEachName(
    words: readonly unknown[],
    machine: string | undefined,
    work: (client: EngineClient, name: string) => Promise<string | undefined>,
  ): Promise<{ readonly done: readonly string[] }> {
    const names = words.map(String);
    using client = await this.engineClient(machine);
    const results = await settleAll(names, atOnce, (name) => work(client, name));
    const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    const done = names.filter((_, at) => results[at]?.status === 'fulfilled');
    for (const [at, result] of results.entries()) {
      if (result.status === 'fulfilled') this.print(`${result.value ?? names[at]}\n`);
    }
    if (failures.length > 0) throw joinedErrors(failures);
    return { done };
  }
}
