import { run, runOrThrow } from '../../shared/spawn.js';
import {
  addElements,
  deleteElements,
  dropTables,
  type Publication,
  type RulesetNetwork,
  wholeTables,
} from './nft-ruleset.js';
import { hostHasIpv6 } from './sysctl.js';

/**
 * Our tables in the kernel, kept as they should be. Changes that come while nft runs go together into its next
 * run, so that fifty starts at once need a few runs only. When the kernel refuses a change, somebody else has
 * touched them (`nft flush ruleset`); then they are written anew, whole.
 */
export class NftTable {
  readonly #networks: () => readonly RulesetNetwork[];
  readonly #published = new Map<string, readonly Publication[]>();
  #pending: string[] = [];
  #nextRun: Promise<void> | undefined;
  #lastRun: Promise<void> = Promise.resolve();

  /** `networks` tells those that are there whenever the tables are written. */
  constructor(networks: () => readonly RulesetNetwork[]) {
    this.#networks = networks;
  }

  /** Opens a container's ports, in place of those it had. */
  async publish(containerId: string, publications: readonly Publication[]): Promise<void> {
    const before = this.#published.get(containerId) ?? [];
    if (publications.length === 0 && before.length === 0) return;
    this.#published.set(containerId, publications);
    await this.#change(deleteElements(before) + addElements(publications));
  }

  /** After networks have come or gone. */
  async refresh(): Promise<void> {
    await this.#change(undefined);
  }

  /** Whether what we wrote is still there; cheap. */
  async isPresent(): Promise<boolean> {
    await this.#lastRun;
    const argv = ['nft', 'list', 'chain', 'ip', 'tsmachine', 'forward'];
    const { code, stdout } = await run(argv, { timeoutMs: 10_000 });
    return code === 0 && (this.#networks().length === 0 || stdout.includes('iifname'));
  }

  /** Succeeds when it has none. */
  async withdraw(containerId: string): Promise<void> {
    const before = this.#published.get(containerId) ?? [];
    this.#published.delete(containerId);
    if (before.length > 0) await this.#change(deleteElements(before));
  }

  /** Writes the tables with these containers' ports and no others. */
  async replace(published: ReadonlyMap<string, readonly Publication[]>): Promise<void> {
    this.#published.clear();
    for (const [containerId, publications] of published) this.#published.set(containerId, publications);
    await this.#change(undefined);
  }

  /** Takes the tables out of the kernel. */
  async remove(): Promise<void> {
    await this.#lastRun;
    await nft(dropTables(await hostHasIpv6()));
  }

  /** Undefined asks for all anew. */
  #change(text: string | undefined): Promise<void> {
    this.#pending.push(text ?? everything);
    this.#nextRun ??= this.#lastRun.then(() => this.#run());
    this.#lastRun = this.#nextRun.catch(() => {});
    return this.#nextRun;
  }

  async #run(): Promise<void> {
    const changes = this.#pending;
    this.#pending = [];
    this.#nextRun = undefined;
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

const everything = 'everything';

async function nft(text: string): Promise<void> {
  await runOrThrow(['nft', '-f', '-'], { input: text, timeoutMs: 30_000 });
}
