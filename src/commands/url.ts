import { MachineCommand, machineArgument } from '../cli/machine-command.js';
import { urlAnswer } from '../cli/quick-answers.js';

export default class Url extends MachineCommand {
  static override summary = 'Print where the Docker API of a machine is';
  static override description =
    'Fails where the machine is not running. The address is the one that was last known; nobody is asked for it.';
  static override examples = ['<%= config.bin %> url web', 'docker -H "$(<%= config.bin %> url web)" info'];
  static override args = machineArgument;

  async run(): Promise<string> {
    const { args } = await this.parse(Url);
    const url = urlAnswer(this.storage, this.machineName(args.name));
    this.log(url);
    return url;
  }
}
