import { MachineCommand, machineArgument } from '../cli/machine-command.js';
import { envVariables } from '../cli/quick-answers.js';
import { runSubshell } from '../cli/subshell.js';

export default class Shell extends MachineCommand {
  static override summary = 'Open a shell, or run one command, that works on a machine';
  static override description =
    'With the variables that "env" prints; the prompt of bash, zsh and fish begins with the name of the machine. Ends with the exit code of the shell or command.';
  static override examples = [
    '<%= config.bin %> shell web',
    '<%= config.bin %> shell web -- docker compose up -d',
  ];
  static override usage = 'shell [NAME] | shell NAME -- COMMAND [ARG…]';
  static override enableJsonFlag = false;
  static override args = machineArgument;
  static override strict = false;
  static passThrough = true;

  async run(): Promise<void> {
    await this.parse(Shell);
    const end = this.argv.indexOf('--');
    const [given, ...rest] = end < 0 ? [] : this.argv.slice(end + 1);
    const command = rest[0] === '--' ? rest.slice(1) : rest;
    const machine = this.machineName(given);
    const around = { environment: this.environment, platform: process.platform };
    const variables = envVariables({ storage: this.storage, name: machine, noProxy: false }, around);
    const environment = {
      ...this.environment,
      TSMACHINE_STORAGE_PATH: this.storage,
      ...Object.fromEntries(variables),
    };
    this.takeSignals();
    const code = await runSubshell({ machine, command, environment, platform: process.platform });
    if (code !== 0) this.exit(code);
  }
}
