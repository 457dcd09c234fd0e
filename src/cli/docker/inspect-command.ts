import { Args, Flags } from '@oclif/core';
import type { EngineClient } from '../../api/client/engine-client.js';
import { joinedErrors } from '../joined-errors.js';
import { EngineCommand, machineFlag } from './engine-command.js';
import { inspectAll } from './inspect-all.js';

export const inspectFlags = {
  ...machineFlag,
  format: Flags.string({ char: 'f', description: 'json, or a Go template over the keys of the JSON' }),
};

/** For a noun whose things have names. */
export function namesArgument(noun: string) {
  return { [noun]: Args.string({ description: 'names or IDs', required: true, ignoreStdin: true }) };
}

/** A command that prints what the engine knows of things. What is not there is said after what was found. */
export abstract class InspectCommand extends EngineCommand {
  static override strict = false;

  protected async inspect(
    words: readonly unknown[],
    flags: { readonly machine?: string | undefined; readonly format?: string | undefined },
    ask: (client: EngineClient, name: string) => Promise<object>,
  ): Promise<readonly object[]> {
    using client = await this.engineClient(flags.machine);
    const { found, failures, text } = await inspectAll(words.map(String), flags.format, (name) =>
      ask(client, name),
    );
    this.print(text);
    if (failures.length > 0) throw joinedErrors(failures);
    return found;
  }
}
