import { BatchRunner } from '../../shared/batch-runner.js';
import { run } from '../kernel/spawn.js';
import { deleteBatch } from './ip-command.js';
import { listLinks } from './link.js';

/** Deletes links of the host; what comes while ip runs goes together into its next run. */
export class LinkDeletions {
  readonly #batches = new BatchRunner<string>((names) => this.#run([...new Set(names)]));

  /** Succeeds when there is none, also when the kernel removes it at this moment with its container's namespace. */
  async delete(names: readonly string[]): Promise<void> {
    if (names.length > 0) await this.#batches.add(...names);
  }

  async #run(names: readonly string[]): Promise<void> {
    const argv = ['ip', '-force', '-batch', '-'];
    const result = await run(argv, { input: deleteBatch(names), timeoutMs: 30_000 });
    if (result.code === 0) return;
    const left = listLinks().filter(({ name }) => names.includes(name));
    if (left.length > 0) throw new Error(`cannot delete ${left[0]?.name}: ${result.stderr.trim()}`);
  }
}
