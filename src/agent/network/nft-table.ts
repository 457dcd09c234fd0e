import { BatchRunner } from '../../shared/batch-runner.js';
import { run, runOrThrow } from '../kernel/spawn.js';
import {
  addElements,
  deleteElements,
  dropTables,
  type Publication,
  type RulesetNetwork,
  wholeTables,
} from './nft-ruleset.js';
import type { RuleTable } from './rule-table.js';
import { hostHasIpv6 } from './sysctl.js';

/**
 * Our tables in the kernel, kept as they should be. Changes that come while nft runs go together into its next
 * run, so that fifty starts at once need a few runs only. When the kernel refuses a change, somebody else has
 * touched them (`nft flush ruleset`); then they are written anew, whole.
 */
export class NftTable implements RuleTable {
  readonly #networks: () => readonly RulesetNetwork[];
  readonly #published = new Map<string, readonly Publication[]>();
  readonly #changes = new BatchRunner<string>((changes) => this.#run(changes));

  /** `networks` tells those that are there whenever the tables are written. */
  constructor(networks: () => readonly RulesetNetwork[]) {
    this.#networks = networks;
  }

  async publish(containerId: string, publications: readonly Publication[]): Promise<void> {
    const before = this.#published.get(containerId) ?? [];
    if (publications.length === 0 && before.length === 0) return;
    this.#published.set(containerId, publications);
    await this.#changes.add(deleteElements(before) + addElements(publications));
  }

  async refresh(): Promise<void> {
    await this.#changes.add(everything);
  }

  async isPresent(): Promise<boolean> {
    await this.#changes.settled();
    const argv = ['nft', 'list', 'chain', 'ip', 'tsmachine', 'forward'];
    const { code, stdout } = await run(argv, { timeoutMs: 10_000 });
    return code === 0 && (this.#networks().length === 0 || stdout.includes('iifname'));
  }

  async withdraw(containerId: string): Promise<void> {
    const before = this.#published.get(containerId) ?? [];
    this.#published.delete(containerId);
    if (before.length > 0) await this.#changes.add(deleteElements(before));
  }

  async replace(published: ReadonlyMap<string, readonly Publication[]>): Promise<void> {
    this.#published.clear();
    for (const [containerId, publications] of published) this.#published.set(containerId, publications);
    await this.#changes.add(everything);
  }

  async remove(): Promise<void> {
    await this.#changes.settled();
    await nft(dropTables(await hostHasIpv6()));
  }

  async #run(changes: readonly string[]): Promise<void> {
    if (!changes.includes(everything)) {
      const done = await nft(changes.join('')).then(
        () => true,
        () => false,
      );
      if (done) return;
    }
    const published = [...this.#published.values()].flat();
    await nft(wholeTables(this.#networks(), published, await hostHasIpv6()));
  }
}

/** Asks for all anew. */
const everything = 'everything';

async function nft(text: string): Promise<void> {
  await runOrThrow(['nft', '-f', '-'], { input: text, timeoutMs: 30_000 });
}
