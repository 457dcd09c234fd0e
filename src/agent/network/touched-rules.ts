import type { RulesetChange } from '../kernel/ruleset-changes.js';

/** What somebody else has changed. */
export interface TouchedRules {
  readonly ours: boolean;
  readonly others: boolean;
}

/**
 * Tells of whole transactions what they touched. One that makes our table anew is our own, whatever else it does to it;
 * who flushes or edits it does not make it.
 */
export class Transactions {
  readonly #table: string;
  #begun = { ...nothing };

  constructor(table: string) {
    this.#table = table;
  }

  add(changes: readonly RulesetChange[]): TouchedRules {
    let [ours, others] = [false, false];
    for (const change of changes) {
      if (change.what === 'commit') {
        ours ||= this.#begun.ours && !this.#begun.isMade;
        others ||= this.#begun.others;
        this.#begun = { ...nothing };
      } else if (change.table !== this.#table) this.#begun.others = true;
      else if (change.what === 'table' && change.isNew) this.#begun.isMade = true;
      else this.#begun.ours = true;
    }
    return { ours, others };
  }

  /** What came last of a transaction is not known. */
  lose(): void {
    this.#begun = { ...nothing };
  }
}

const nothing = { ours: false, others: false, isMade: false };
