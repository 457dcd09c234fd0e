import { errorMessage } from '../../shared/errors.js';
import type { Logger } from '../../shared/logger.js';
import { acceptForwarding, withdrawForwarding } from './forward-policy.js';
import type { Publication } from './nft-ruleset.js';
import type { RuleTable } from './rule-table.js';

/** How long flushed rules may be missing. A look costs a few short processes. */
const checkIntervalMs = 15_000;

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
    if (!(await this.#options.table.isPresent())) await this.restore();
    else await this.accept();
  }

  /** Lets others' rules accept what our bridges forward. */
  async accept(): Promise<void> {
    await acceptForwarding(this.#options.bridges());
  }

  /** Calls `check` now and then, until it is disposed. */
  watch(): Disposable {
    const timer = setInterval(() => {
      this.check().catch((error) => {
        this.#options.logger.warn('network rules are not restored', { error: errorMessage(error) });
      });
    }, checkIntervalMs);
    timer.unref();
    return { [Symbol.dispose]: () => clearInterval(timer) };
  }

  async remove(): Promise<void> {
    await this.#options.table.remove();
    await withdrawForwarding();
  }
}
