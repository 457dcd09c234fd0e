import { EngineCommand } from '../cli/docker/engine-command.js';
import { runExitStatus } from '../cli/docker/exit-status.js';
import { splitWords } from '../cli/docker/own-words.js';
import { runContainer } from '../cli/docker/run-container.js';
import { runFlags } from '../cli/docker/run-flags.js';
import { runRequest } from '../cli/docker/run-request.js';
import { terminalSize } from '../cli/docker/stdio.js';

export default class Run extends EngineCommand {
  static override summary = 'Create and run a new container from an image';
  static override description =
    'Works like "docker run" on the machine. Ends with the exit code of the container; 125 when it could not be run, 126 when its command cannot be executed, 127 when its command is not there.';
  static override examples = [
    '<%= config.bin %> run --rm -it alpine sh',
    '<%= config.bin %> run -d --name web -p 8080:80 nginx',
    'tar c . | <%= config.bin %> run --rm -i alpine tar t',
  ];
  static override usage = 'run [FLAGS] IMAGE [COMMAND] [ARG…]';
  static override enableJsonFlag = false;
  static override flags = runFlags;
  static override strict = false;
  static passThrough = true;

  async run(): Promise<void> {
    const { flags: own, words } = splitWords(this.argv, { ...Run.baseFlags, ...Run.flags });
    const { flags } = await this.parse(Run, own);
    const request = await runRequest(flags, words, {
      environment: this.environment,
      directory: process.cwd(),
      terminal: terminalSize(this.stdio),
    });
    using client = await this.engineClient(flags.machine);
    const context = { client, stdio: this.stdio, signal: this.signal, takeSignals: () => this.takeSignals() };
    const code = await runContainer(context, request);
    if (code !== 0) this.exit(code);
  }

  protected override exitCode(error: unknown): number {
    return this.signal.aborted ? super.exitCode(error) : runExitStatus(error);
  }
}
