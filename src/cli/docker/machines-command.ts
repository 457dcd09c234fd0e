import { Flags } from '@oclif/core';
import { EngineClient } from '../../api/client/engine-client.js';
import { activeMachine } from '../../machine/store/access.js';
import { errorMessage, isTsmachineError, TsmachineError } from '../../shared/errors.js';
import { settleAll } from '../../shared/settle-all.js';
import { joinedErrors } from '../joined-errors.js';
import { EngineCommand } from './engine-command.js';
import { isColoured, linePrefixes, prefixedOutput } from './prefixed-lines.js';
import type { Output } from './stdio-session.js';

/** Of commands that only read: they can ask several machines at once. */
export const machinesFlags = {
  machine: Flags.string({
    ...{ char: 'm', description: 'machine to ask, or several; else the active one', helpValue: 'NAME' },
    ...{ multiple: true, multipleNonGreedy: true },
  }),
  'all-machines': Flags.boolean({ description: 'ask all machines but those that are stopped' }),
};

export interface MachineSelection {
  readonly machine?: readonly string[] | undefined;
  readonly 'all-machines'?: boolean;
}

export interface MachineAnswers<T> {
  readonly answers: readonly { readonly machine: string; readonly answer: T }[];
  /** Of the others, with their names. */
  readonly failures: readonly unknown[];
}

/** Of several machines, one that does not answer is not waited for longer than this. */
const deadlines = { connectTimeoutMs: 5_000, requestTimeoutMs: 15_000 };
const atOnce = 64;

/** A command that may ask several machines at once. */
export abstract class MachinesCommand extends EngineCommand {
  /** Whether answers are told apart by their machine: a column, a prefix. */
  protected showsMachines(selection: MachineSelection): boolean {
    return selection['all-machines'] === true || new Set(selection.machine).size > 1;
  }

  /**
   * Asks all that are selected at the same time. Throws when there is nothing but failure; else the caller complains
   * about those that failed when it has shown the others.
   */
  protected async askEach<T>(
    selection: MachineSelection,
    ask: (client: EngineClient, machine: string) => Promise<T>,
  ): Promise<MachineAnswers<T>> {
    const names = await this.selectedMachines(selection);
    const several = this.showsMachines(selection);
    const results = await settleAll(names, atOnce, async (name) => {
      using client = new EngineClient(await this.machines.engine(name), several ? deadlines : {});
      return await ask(client, name);
    });
    this.signal.throwIfAborted();
    const failures = results.flatMap((result, at) =>
      result.status === 'rejected'
        ? [several ? ofMachine(names[at] ?? '', result.reason) : result.reason]
        : [],
    );
    if (failures.length > 0 && failures.length === names.length) throw joinedErrors(failures);
    const answers = results.flatMap((result, at) =>
      result.status === 'fulfilled' ? [{ machine: names[at] ?? '', answer: result.value }] : [],
    );
    return { answers, failures };
  }

  /**
   * The same for what goes on: each machine's lines come as they come, behind its name where there are several. A
   * failure is said when it happens.
   */
  protected async followEach(
    selection: MachineSelection,
    follow: (client: EngineClient, output: Output, machine: string) => Promise<void>,
  ): Promise<void> {
    const names = await this.selectedMachines(selection);
    if (!this.showsMachines(selection)) {
      const [name = ''] = names;
      using client = new EngineClient(await this.machines.engine(name));
      return await follow(client, this.stdio, name);
    }
    const prefixes = linePrefixes(names, { coloured: isColoured(this.stdio.stdout, this.environment) });
    await settleAll(names, names.length, async (name) => {
      const output = prefixedOutput(prefixes.get(name) ?? '', this.stdio);
      try {
        using client = new EngineClient(await this.machines.engine(name), deadlines);
        await follow(client, output, name);
      } catch (error) {
        if (!this.signal.aborted) this.complain(ofMachine(name, error));
      } finally {
        for (const stream of [output.stdout, output.stderr]) stream.end();
      }
    });
    this.signal.throwIfAborted();
  }

  private async selectedMachines(selection: MachineSelection): Promise<readonly string[]> {
    if (selection['all-machines']) return await this.machines.runningNames();
    const names = [...new Set(selection.machine)];
    return names.length > 0 ? names : [activeMachine(this.storage, this.environment)];
  }
}

function ofMachine(name: string, error: unknown): unknown {
  const message = `machine "${name}": ${errorMessage(error)}`;
  if (!isTsmachineError(error)) return new Error(message, { cause: error });
  return new TsmachineError(error.kind, error.code, message, { hints: error.hints, cause: error });
}
