import { once } from 'node:events';
import { Flags } from '@oclif/core';
import { MachineCommand, machineArguments } from '../cli/machine-command.js';
import { forwardPorts } from '../cli/port-forwards.js';
import { parseSshWords } from '../cli/ssh-words.js';
import { attach, terminalOf } from '../cli/terminal.js';
import { isTsmachineError } from '../shared/errors.js';

export default class Ssh extends MachineCommand {
  static override summary = 'Log in to a machine, or run a command on it';
  static override description =
    'Ends with the exit code of the command, or 255 when the connection fails. Before the command, -t asks for a terminal, -L forwards a port of this computer to one that the machine reaches, and -N runs nothing. With any other option of ssh, such as -A, -D or -R, it is OpenSSH that logs in, to the address, with the key and to the host key that the machine has.';
  static override examples = [
    '<%= config.bin %> ssh web',
    '<%= config.bin %> ssh web df -h /',
    '<%= config.bin %> ssh web -N -L 8080:localhost:80',
    '<%= config.bin %> ssh web -A git fetch',
  ];
  static override usage = 'ssh [NAME] [-t] [-N] [-L PORT:HOST:HOSTPORT]… [SSH-OPTION]… [COMMAND…]';
  static override args = machineArguments;
  static override flags = {
    login: Flags.string({ char: 'l', description: 'user to log in as', helpValue: 'USER' }),
  };
  static override strict = false;
  static passThrough = true;

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(Ssh);
    // oclif gives words that occur twice out of order; those behind `--` are the user's own, as typed.
    const end = this.argv.indexOf('--');
    const [name, ...words] = end < 0 ? argv.map(String) : this.argv.slice(end + 1);
    const machine = this.machineName(name);
    const parsed = parseSshWords(words);
    if (!parsed) return await this.runProgram(machine, words, flags.login);
    const { terminal, command, forwards, portsOnly } = parsed;
    await using connection = await this.machines.connect(machine, this.context(), flags.login);
    await using _forwards = await forwardPorts(forwards, connection, this.reporter);
    if (portsOnly) return await this.untilEnded(connection.lost);
    const wantsTerminal = process.stdin.isTTY === true && (terminal || command === undefined);
    const session = await connection.open(command, {
      signal: this.signal,
      ...(wantsTerminal && { terminal: terminalOf(process) }),
    });
    const code = await attach(session, process, { raw: wantsTerminal });
    if (code !== 0) this.exit(code);
  }

  /** What only OpenSSH's program can do; it gets what is known of the host. */
  private async runProgram(machine: string, words: readonly string[], user?: string): Promise<void> {
    const { runSshProgram } = await import('../cli/ssh-program.js');
    const target = await this.machines.sshTarget(machine, this.context());
    const directory = this.machines.directory(machine);
    this.takeSignals();
    const code = await runSshProgram({ target, user, words, directory }, this.environment);
    if (code !== 0) this.exit(code);
  }

  /** Ctrl-C is the way to end it, and no failure. */
  private async untilEnded(lost: AbortSignal): Promise<void> {
    const ended = AbortSignal.any([this.signal, lost]);
    if (!ended.aborted) await once(ended, 'abort');
    lost.throwIfAborted();
  }

  protected override exitCode(error: unknown): number {
    const transport = isTsmachineError(error) && error.code.startsWith('SSH_');
    return transport ? 255 : super.exitCode(error);
  }
}
