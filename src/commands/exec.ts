import { EngineCommand, machineFlag } from '../cli/docker/engine-command.js';
import { readEnvironment } from '../cli/docker/environment.js';
import { argumentMissing } from '../cli/docker/errors.js';
import { execFlags } from '../cli/docker/exec-flags.js';
import { execBody, execInContainer } from '../cli/docker/exec-in-container.js';
import { splitWords } from '../cli/docker/own-words.js';

export default class Exec extends EngineCommand {
  static override summary = 'Run a command in a running container';
  static override description =
    'Works like "docker exec" on the machine. Ends with the exit code of the command.';
  static override examples = ['<%= config.bin %> exec -it web sh', '<%= config.bin %> exec -u 0 web id'];
  static override usage = 'exec [FLAGS] CONTAINER COMMAND [ARG…]';
  static override enableJsonFlag = false;
  static override strict = false;
  static passThrough = true;
  static override flags = { ...machineFlag, ...execFlags };

  async run(): Promise<void> {
    const { flags: own, words } = splitWords(this.argv, { ...Exec.baseFlags, ...Exec.flags });
    const { flags } = await this.parse(Exec, own);
    const [container, ...command] = words;
    if (container === undefined) throw argumentMissing('the container', Exec.usage);
    if (command.length === 0) throw argumentMissing('the command', Exec.usage);
    const environment = await readEnvironment(flags['env-file'] ?? [], flags.env ?? [], this.environment);
    const body = execBody(flags, command, environment);
    const keys = await this.detachKeys(flags['detach-keys']);
    using client = await this.engineClient(flags.machine);
    const code = await execInContainer(
      { client, stdio: this.stdio, signal: this.signal },
      { container, body, detach: flags.detach, detachKeys: keys },
    );
    if (code !== 0) this.exit(code);
  }
}
