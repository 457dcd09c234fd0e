import { MachineCommand, machineArguments } from '../cli/machine-command.js';
import { ipAnswer } from '../cli/quick-answers.js';

export default class Ip extends MachineCommand {
  static override summary = 'Print the addresses of machines';
  static override description =
    'One address a line, in the order of the names: the address that was last known, without asking the provider. Without a name, that of the machine "default".';
  static override examples = ['<%= config.bin %> ip web', 'ping "$(<%= config.bin %> ip web)"'];
  static override args = machineArguments;
  static override strict = false;

  async run(): Promise<readonly string[]> {
    const { argv } = await this.parse(Ip);
    const addresses = this.machineNames(argv).map((name) => ipAnswer(this.storage, name));
    for (const address of addresses) this.log(address);
    return addresses;
  }
}
