import type { Logger } from '../../shared/logger.js';
import { acceptForwarding, withdrawForwarding } from './forward-policy.js';
import type { Publication } from './nft-ruleset.js';
import type { RuleTable } from './rule-table.js';
import { RuleWatch } from './rule-watch.js';

export interface KeptRulesOptions {
  readonly table: RuleTable;
  /** The Linux bridges that there are. */
  readonly bridges: () => readonly string[];
  readonly published: () => ReadonlyMap<string, readonly Publication[]>;
  readonly logger: Logger;
}

/** Our rules, and those that the rules of others make necessary: kept as they should be, whatever others do to them. */
export class KeptRules {
  readonly #options: KeptRulesOptions;

  constructor(options: KeptRulesOptions) {
    this.#options = options;
  }

  async restore(): Promise<void> {
    const { table, published } = this.#options;
    await Promise.all([table.replace(published()), this.accept()]);
  }

  /** Puts back what somebody has flushed in the meantime. Cheap where nothing is missing. */
  async check(): Promise<void> {
    if (!(await this.#options.table.isPresent())) await this.#rewrite();
    else await this.accept();
  }

  /** Lets others' rules accept what our bridges forward. */
  async accept(): Promise<void> {
    await acceptForwarding(this.#options.bridges());
  }

  /** Puts back at once what others take away, until it is disposed. */
  watch(intervalMs: number): Disposable {
    return new RuleWatch({
      restore: () => this.#rewrite(),
      check: () => this.check(),
      intervalMs,
      logger: this.#options.logger,
    });
  }

  async remove(): Promise<void> {
    await this.#options.table.remove();
    await withdrawForwarding();
  }

  /** What is published at this moment the table knows best: containers start and end meanwhile. */
  async #rewrite(): Promise<void> {
    await Promise.all([this.#options.table.refresh(), this.accept()]);
  }
}
