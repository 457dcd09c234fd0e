import { isTsmachineError } from '../../shared/errors.js';
import { type CommandResult, run } from '../kernel/spawn.js';

/** What a program says, well or not; undefined when there is no such program. */
export async function ask(argv: readonly string[]): Promise<CommandResult | undefined> {
  return run(argv, { timeoutMs: 10_000 }).catch((error) => {
    if (isTsmachineError(error) && error.code === 'COMMAND_NOT_STARTED') return undefined;
    throw error;
  });
}
