import { Flags } from '@oclif/core';
import { formatBytesFinely } from '../../shared/bytes.js';
import { askYesOrNo } from '../confirm.js';
import { EngineCommand, machineFlag } from './engine-command.js';
import { pruneNotConfirmed } from './errors.js';

export const pruneFlags = {
  ...machineFlag,
  force: Flags.boolean({ char: 'f', description: 'do not ask' }),
  filter: Flags.string({
    ...{ description: 'only what has this property', helpValue: 'KEY=VALUE' },
    ...{ multiple: true, multipleNonGreedy: true },
  }),
};

/** A heading, and what was removed below it. */
export interface PrunedGroup {
  readonly heading: string;
  readonly names: readonly string[];
}

export interface PruneAnswer {
  readonly groups: readonly PrunedGroup[];
  /** Bytes; undefined where nothing is ever reclaimed. */
  readonly reclaimed: number | undefined;
}

/** A command that removes what is not used, after a yes. */
export abstract class PruneCommand extends EngineCommand {
  /** Ends the command with docker's exit code for a no. Throws PRUNE_NOT_CONFIRMED where nobody answers. */
  protected async confirmPrune(warning: string, force: boolean): Promise<void> {
    if (force) return;
    const answer = await askYesOrNo(`WARNING! ${warning}\nAre you sure you want to continue?`, this.signal);
    if (answer === undefined) throw pruneNotConfirmed();
    if (!answer) this.exit(1);
  }

  protected report({ groups, reclaimed }: PruneAnswer): PruneAnswer {
    for (const { heading, names } of groups) {
      if (names.length > 0) this.print(`${heading}:\n${names.map((name) => `${name}\n`).join('')}\n`);
    }
    if (reclaimed !== undefined) this.print(`Total reclaimed space: ${formatBytesFinely(reclaimed)}\n`);
    return { groups, reclaimed };
  }
}
