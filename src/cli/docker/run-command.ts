import { EngineCommand } from './engine-command.js';
import { runExitStatus } from './exit-status.js';
import type { RunContext, RunRequest } from './run-container.js';
import type { RunFlags } from './run-flags.js';
import { runRequest } from './run-request.js';
import { terminalSize } from './stdio.js';

/** What `run` and `container create` have in common: flags, words and exit status. */
export abstract class RunCommand extends EngineCommand {
  static override enableJsonFlag = false;
  static override strict = false;
  static passThrough = true;

  protected async withRequest<T>(
    flags: RunFlags,
    words: readonly string[],
    work: (context: RunContext, request: RunRequest) => Promise<T>,
  ): Promise<T> {
    const request = await runRequest(flags, words, {
      environment: this.environment,
      directory: process.cwd(),
      terminal: terminalSize(this.stdio),
      detachKeys: await this.detachKeys(flags['detach-keys']),
    });
    using client = await this.engineClient(flags.machine);
    const context = {
      ...{ client, stdio: this.stdio, signal: this.signal },
      takeSignals: () => this.takeSignals(),
      authorize: (image: string) => this.registryAuthorization(image),
    };
    return await work(context, request);
  }

  protected override exitCode(error: unknown): number {
    return this.signal.aborted ? super.exitCode(error) : runExitStatus(error);
  }
}
