import { Flags } from '@oclif/core';
import { parseDetachKeys } from '../cli/docker/detach-keys.js';
import { EngineCommand, machineFlag } from '../cli/docker/engine-command.js';
import { readEnvironment } from '../cli/docker/environment.js';
import { argumentMissing } from '../cli/docker/errors.js';
import { execBody, execInContainer } from '../cli/docker/exec-in-container.js';
import { splitWords } from '../cli/docker/own-words.js';

const list = { multiple: true, multipleNonGreedy: true } as const;

export default class Exec extends EngineCommand {
  static override summary = 'Run a command in a running container';
  static override description =
    'Works like "docker exec" on the machine. Ends with the exit code of the command.';
  static override examples = ['<%= config.bin %> exec -it web sh', '<%= config.bin %> exec -u 0 web id'];
  static override usage = 'exec [FLAGS] CONTAINER COMMAND [ARG…]';
  static override enableJsonFlag = false;
  static override strict = false;
  static passThrough = true;
  static override flags = {
    ...machineFlag,
    interactive: Flags.boolean({ char: 'i', description: 'keep STDIN open' }),
    tty: Flags.boolean({ char: 't', description: 'allocate a pseudo-TTY' }),
    detach: Flags.boolean({ char: 'd', description: 'run the command in the background' }),
    'detach-keys': Flags.string({ description: 'keys that detach from the command', helpValue: 'KEYS' }),
    env: Flags.string({
      char: 'e',
      description: 'set an environment variable',
      helpValue: 'NAME[=VALUE]',
      ...list,
    }),
    'env-file': Flags.string({
      description: 'read a file of environment variables',
      helpValue: 'FILE',
      ...list,
    }),
    workdir: Flags.string({ char: 'w', description: 'working directory of the command', helpValue: 'DIR' }),
    user: Flags.string({
      char: 'u',
      description: 'user and group of the command',
      helpValue: 'USER[:GROUP]',
    }),
    privileged: Flags.boolean({ description: 'give extended privileges to the command' }),
  };

  async run(): Promise<void> {
    const { flags: own, words } = splitWords(this.argv, { ...Exec.baseFlags, ...Exec.flags });
    const { flags } = await this.parse(Exec, own);
    const [container, ...command] = words;
    if (container === undefined) throw argumentMissing('the container', Exec.usage);
    if (command.length === 0) throw argumentMissing('the command', Exec.usage);
    const environment = await readEnvironment(flags['env-file'] ?? [], flags.env ?? [], this.environment);
    const body = execBody(flags, command, environment);
    const keys = parseDetachKeys(flags['detach-keys']);
    using client = await this.engineClient(flags.machine);
    const code = await execInContainer(
      { client, stdio: this.stdio, signal: this.signal },
      { container, body, detach: flags.detach, detachKeys: keys },
    );
    if (code !== 0) this.exit(code);
  }
}
