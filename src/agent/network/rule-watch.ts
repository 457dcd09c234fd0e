import { errorMessage } from '../../shared/errors.js';
import type { Logger } from '../../shared/logger.js';
import { netlinkGroups } from '../kernel/netlink.js';
import { NetlinkEvents, type Told } from '../kernel/netlink-events.js';
import { rulesetChangesIn } from '../kernel/ruleset-changes.js';
import { PacedWork } from './paced-work.js';
import { Transactions } from './touched-rules.js';

export interface RuleWatchOptions {
  /** Writes our rules anew: somebody has touched them. */
  readonly restore: () => Promise<void>;
  /** Looks whether all is as it should be: somebody has changed other rules. A look costs a few short processes. */
  readonly check: () => Promise<void>;
  /** Where the kernel tells nothing (iptables' older back end), it is noticed within this time. */
  readonly intervalMs: number;
  readonly logger: Logger;
}

/** Has the rules put right after others' changes: at once where the kernel tells them, else now and then. */
export class RuleWatch implements Disposable {
  readonly #resources = new DisposableStack();
  readonly #transactions = new Transactions('tsmachine');
  readonly #restoring: PacedWork;
  readonly #checking: PacedWork;
  readonly #logger: Logger;

  constructor({ restore, check, intervalMs, logger }: RuleWatchOptions) {
    this.#logger = logger;
    this.#restoring = this.#resources.use(new PacedWork(() => this.#try(restore), { share: 0.1 }));
    this.#checking = this.#resources.use(new PacedWork(() => this.#try(check), { share: 0.02 }));
    const timer = setInterval(() => this.#checking.ask(), intervalMs).unref();
    this.#resources.defer(() => clearInterval(timer));
    this.#listen();
  }

  [Symbol.dispose](): void {
    this.#resources.dispose();
  }

  #listen(): void {
    try {
      this.#resources.use(new NetlinkEvents(netlinkGroups.nftables, (told) => this.#hear(told)));
    } catch (error) {
      this.#logger.info('the kernel does not tell changes of rules', { error: errorMessage(error) });
    }
  }

  #hear(told: Told): void {
    if (told === 'lost') {
      this.#transactions.lose();
      this.#checking.ask();
      return;
    }
    const touched = this.#transactions.add(told.flatMap(rulesetChangesIn));
    if (touched.ours) this.#restoring.ask();
    else if (touched.others) this.#checking.ask();
  }

  async #try(work: () => Promise<void>): Promise<void> {
    await work().catch((error) => {
      this.#logger.warn('network rules are not restored', { error: errorMessage(error) });
    });
  }
}
