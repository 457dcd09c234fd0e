import { splitWords } from '../cli/docker/own-words.js';
import { RunCommand } from '../cli/docker/run-command.js';
import { runContainer } from '../cli/docker/run-container.js';
import { runFlags } from '../cli/docker/run-flags.js';

export default class Run extends RunCommand {
  static override summary = 'Create and run a new container from an image';
  static override description =
    'Works like "docker run" on the machine. Ends with the exit code of the container; 125 when it could not be run, 126 when its command cannot be executed, 127 when its command is not there.';
  static override examples = [
    '<%= config.bin %> run --rm -it alpine sh',
    '<%= config.bin %> run -d --name web -p 8080:80 nginx',
    'tar c . | <%= config.bin %> run --rm -i alpine tar t',
  ];
  static override usage = 'run [FLAGS] IMAGE [COMMAND] [ARG…]';
  static override flags = runFlags;

  async run(): Promise<void> {
    const { flags: own, words } = splitWords(this.argv, { ...Run.baseFlags, ...Run.flags });
    const { flags } = await this.parse(Run, own);
    const code = await this.withRequest(flags, words, runContainer);
    if (code !== 0) this.exit(code);
  }
}
