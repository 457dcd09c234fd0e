import { noSwarmMaster, swarmFlag } from '../cli/engine-flags.js';
import { MachineCommand, machineArgument } from '../cli/machine-command.js';
import { urlAnswer } from '../cli/quick-answers.js';

export default class Config extends MachineCommand {
  static override summary = 'Print the flags that put one docker command on a machine';
  static override description =
    `Certificates, key and address are what docker is given on its command line; the shell's environment stays as it is. Use "env" to lead a whole shell to a machine.`;
  static override examples = [
    'docker $(<%= config.bin %> config web) info',
    '<%= config.bin %> config --json web',
  ];
  static override args = machineArgument;
  static override flags = { swarm: swarmFlag };

  async run(): Promise<readonly string[]> {
    const { args, flags: given } = await this.parse(Config);
    const name = this.machineName(args.name);
    if (given.swarm) throw noSwarmMaster(name);
    const directory = this.machines.directory(name);
    const url = urlAnswer(this.storage, name);
    const tls = [
      '--tlsverify',
      `--tlscacert="${directory}/ca.pem"`,
      `--tlscert="${directory}/cert.pem"`,
      `--tlskey="${directory}/key.pem"`,
    ];
    const flags = [...(url.startsWith('ssh://') ? [] : tls), `-H=${url}`];
    for (const flag of flags) this.log(flag);
    return flags;
  }
}
