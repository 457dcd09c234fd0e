import { run } from '../../shared/spawn.js';
import { deleteBatch } from './ip-command.js';
import { listLinks } from './link.js';

/** Deletes links of the host; what comes while ip runs goes together into its next run. */
export class LinkDeletions {
  #pending = new Set<string>();
  #nextRun: Promise<void> | undefined;
  #lastRun: Promise<void> = Promise.resolve();

  /** Succeeds when there is none, also when the kernel removes it at this moment with its container's namespace. */
  delete(names: readonly string[]): Promise<void> {
    if (names.length === 0) return Promise.resolve();
    for (const name of names) this.#pending.add(name);
    this.#nextRun ??= this.#lastRun.then(() => this.#run());
    this.#lastRun = this.#nextRun.catch(() => {});
    return this.#nextRun;
  }

  async #run(): Promise<void> {
    const names = [...this.#pending];
    this.#pending = new Set();
    this.#nextRun = undefined;
    const argv = ['ip', '-force', '-batch', '-'];
    const result = await run(argv, { input: deleteBatch(names), timeoutMs: 30_000 });
    if (result.code === 0) return;
    const left = (await listLinks()).filter(({ name }) => names.includes(name));
    if (left.length > 0) throw new Error(`cannot delete ${left[0]?.name}: ${result.stderr.trim()}`);
  }
}
