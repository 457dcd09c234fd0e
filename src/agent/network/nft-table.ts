import { runOrThrow } from '../../shared/spawn.js';
import {
  addElements,
  deleteElements,
  dropTable,
  type Publication,
  type RulesetNetwork,
  wholeTable,
} from './nft-ruleset.js';

/**
 * Our table in the kernel, kept as it should be. Changes that come while nft runs go together into its next
 * run, so that fifty starts at once need a few runs only. When the kernel refuses a change, somebody else has
 * touched the table (`nft flush ruleset`); then the whole table is written anew.
 */
export class NftTable {
  readonly #network: RulesetNetwork;
  readonly #published = new Map<string, readonly Publication[]>();
  #pending: string[] = [];
  #nextRun: Promise<void> | undefined;
  #lastRun: Promise<void> = Promise.resolve();

  constructor(network: RulesetNetwork) {
    this.#network = network;
  }

  /** Opens a container's ports, in place of those it had. */
  async publish(containerId: string, publications: readonly Publication[]): Promise<void> {
    const before = this.#published.get(containerId) ?? [];
    if (publications.length === 0 && before.length === 0) return;
    this.#published.set(containerId, publications);
    await this.#change(deleteElements(before) + addElements(publications));
  }

  /** Succeeds when it has none. */
  async withdraw(containerId: string): Promise<void> {
    const before = this.#published.get(containerId) ?? [];
    this.#published.delete(containerId);
    if (before.length > 0) await this.#change(deleteElements(before));
  }

  /** Writes the whole table with these containers' ports and no others. */
  async replace(published: ReadonlyMap<string, readonly Publication[]>): Promise<void> {
    this.#published.clear();
    for (const [containerId, publications] of published) this.#published.set(containerId, publications);
    await this.#change(undefined);
  }

  /** Takes the table out of the kernel. */
  async remove(): Promise<void> {
    await this.#lastRun;
    await nft(dropTable);
  }

  /** Undefined asks for the whole table. */
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
    await nft(wholeTable(this.#network, [...this.#published.values()].flat()));
  }
}

const everything = 'everything';

async function nft(text: string): Promise<void> {
  await runOrThrow(['nft', '-f', '-'], { input: text, timeoutMs: 30_000 });
}
