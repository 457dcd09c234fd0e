import { Flags } from '@oclif/core';
import { composeFlags } from '../../cli/compose/flags.js';
import { indexFlag } from '../../cli/compose/index-flag.js';
import { runningContainer } from '../../cli/compose/one-container.js';
import { ProjectCommand } from '../../cli/compose/project-command.js';
import { readEnvironment } from '../../cli/docker/environment.js';
import { argumentMissing } from '../../cli/docker/errors.js';
import { execBody, execInContainer } from '../../cli/docker/exec-in-container.js';
import { splitWords } from '../../cli/docker/own-words.js';

export default class ComposeExec extends ProjectCommand {
  static override summary = 'Run a command in a running container of a service';
  static override description =
    'On a terminal it gets one, unless -T is given. Ends with the exit code of the command.';
  static override examples = [
    '<%= config.bin %> compose exec web sh',
    '<%= config.bin %> compose exec -T --index 2 worker cat /etc/hostname',
  ];
  static override usage = 'compose exec [FLAGS] SERVICE COMMAND [ARG…]';
  static override strict = false;
  static passThrough = true;
  static override flags = {
    ...composeFlags,
    ...indexFlag,
    detach: Flags.boolean({ char: 'd', description: 'leave the command to itself' }),
    env: Flags.string({
      ...{ char: 'e', description: 'set a variable', helpValue: 'NAME[=VALUE]' },
      ...{ multiple: true, multipleNonGreedy: true },
    }),
    'no-TTY': Flags.boolean({ char: 'T', description: 'no terminal for the command' }),
    interactive: Flags.boolean({ char: 'i', description: 'send input; that is so anyway', hidden: true }),
    tty: Flags.boolean({
      char: 't',
      description: 'a terminal; that is so on a terminal anyway',
      hidden: true,
    }),
    privileged: Flags.boolean({ description: 'with all capabilities' }),
    user: Flags.string({ char: 'u', description: 'run as this user', helpValue: 'USER[:GROUP]' }),
    workdir: Flags.string({ char: 'w', description: 'run in this directory', helpValue: 'DIR' }),
  };

  async run(): Promise<void> {
    const { flags: own, words } = splitWords(this.argv, { ...ComposeExec.baseFlags, ...ComposeExec.flags });
    const { flags } = await this.parse(ComposeExec, own);
    const [service, ...command] = words;
    if (service === undefined) throw argumentMissing('the service', ComposeExec.usage);
    if (command.length === 0) throw argumentMissing('the command', ComposeExec.usage);
    const environment = await readEnvironment([], flags.env ?? [], this.environment);
    const tty =
      !flags['no-TTY'] &&
      !flags.detach &&
      this.stdio.stdin.isTTY === true &&
      this.stdio.stdout.isTTY === true;
    const body = execBody({ ...flags, interactive: true, tty }, command, environment);
    const request = { services: [service], along: 'none' } as const;
    const code = await this.withProjectOrLabels(flags, request, async (open) => {
      const { machine, id } = await runningContainer(open, service, flags.index);
      const client = open.fleet.client(machine);
      return await execInContainer(
        { client, stdio: this.stdio, signal: this.signal },
        { container: id, body, detach: flags.detach, detachKeys: await this.detachKeys() },
      );
    });
    if (code !== 0) this.exit(code);
  }
}
