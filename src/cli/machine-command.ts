import { Args } from '@oclif/core';
import type { MachineContext } from '../machine/dependencies.js';
import { defaultMachine } from '../machine/store/access.js';
import { isTsmachineError } from '../shared/errors.js';
import { settleAll } from '../shared/settle-all.js';
import { BaseCommand } from './base-command.js';
import { joinedErrors } from './joined-errors.js';

/** One argument: the machine. */
export const machineArgument = {
  name: Args.string({ description: 'machine; else "default" if there is one, else the active machine' }),
};

/** For commands without `strict`: any number of machines. */
export const machineArguments = {
  name: Args.string({ description: 'machines; else "default" if there is one, else the active machine' }),
};

export interface MachineOutcome<T> {
  readonly machine: string;
  readonly result: T;
}

/** A command that works on machines which are named as arguments. */
export abstract class MachineCommand extends BaseCommand {
  protected machineName(given: string | undefined): string {
    return given ?? defaultMachine(this.storage, this.environment);
  }

  protected machineNames(given: readonly unknown[]): readonly string[] {
    const names = [...new Set(given.map(String))];
    return names.length > 0 ? names : [this.machineName(undefined)];
  }

  /**
   * Works on all machines at once, or on so many as `limit` says. When some fail, the others still finish; then throws
   * that failure, or for several machines one error with a line for each.
   */
  protected async forEachMachine<T>(
    names: readonly string[],
    work: (name: string, context: MachineContext) => Promise<T>,
    limit = names.length,
  ): Promise<readonly MachineOutcome<T>[]> {
    const several = names.length > 1;
    const results = await settleAll(names, limit, async (name) => {
      this.signal.throwIfAborted();
      return work(name, this.context(several ? name : undefined));
    });
    const failures = results.flatMap((result) =>
      result.status === 'rejected' ? [result.reason as unknown] : [],
    );
    if (failures.length > 0) throw joined(failures);
    return results.flatMap((result, index) =>
      result.status === 'fulfilled' ? [{ machine: names[index] ?? '', result: result.value }] : [],
    );
  }
}

function joined(failures: readonly unknown[]): unknown {
  // Only when all say the same may the exit code say it: 3 promises that nothing was made.
  const first = failures.find((failure) => !isPreCreateCheck(failure)) ?? failures[0];
  return joinedErrors(failures, first);
}

function isPreCreateCheck(error: unknown): boolean {
  return isTsmachineError(error) && error.code === 'PRE_CREATE_CHECK_FAILED';
}
