import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { AgentLab } from '../agent-lab.js';

/** Kills a lab's agent just before one certain change of its files. */
export class CrashPoints {
  readonly #lab: AgentLab;
  readonly #at: string;

  private constructor(lab: AgentLab) {
    this.#lab = lab;
    this.#at = join(lab.directory, 'crash-at');
  }

  /** The agent is started again for it. */
  static async in(lab: AgentLab): Promise<CrashPoints> {
    const hook = join(lab.directory, 'crash-points.mjs');
    await build({
      entryPoints: [join(import.meta.dirname, 'hook.ts')],
      ...{ outfile: hook, bundle: true, platform: 'node', format: 'esm', logLevel: 'error' },
    });
    const points = new CrashPoints(lab);
    lab.agentEnv = {
      NODE_OPTIONS: `--import=${hook}`,
      CRASH_AT: points.#at,
      CRASH_ROOT: join(lab.directory, 'data'),
    };
    await lab.endAgent('SIGTERM');
    await lab.startAgent();
    return points;
  }

  /** What the agent changes while this is done. */
  async changesOf(work: () => Promise<unknown>): Promise<readonly string[]> {
    await writeFile(this.#at, '0');
    await work();
    const changes = (await readFile(`${this.#at}.changes`, 'utf8')).split('\n').filter(Boolean);
    await this.#disarm();
    return changes;
  }

  /** Does this with an agent that ends before its change number `at`, the first being 1, or after all of them. */
  async crashAt(at: number, work: () => Promise<unknown>): Promise<void> {
    await writeFile(this.#at, String(at));
    await work();
    await this.#lab.endAgent('SIGKILL');
    await this.#disarm();
    await this.#lab.startAgent();
  }

  async #disarm(): Promise<void> {
    await rm(this.#at, { force: true });
    await rm(`${this.#at}.changes`, { force: true });
  }
}
