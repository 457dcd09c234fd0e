import { Flags } from '@oclif/core';
import { noSwarmMaster, swarmFlag } from '../cli/engine-flags.js';
import { MachineCommand, machineArgument } from '../cli/machine-command.js';
import { type EnvRequest, envAnswer, envVariables, unsetNames } from '../cli/quick-answers.js';
import type { JsonObject } from '../shared/json.js';

export default class Env extends MachineCommand {
  static override summary = 'Print the shell code that puts docker on a machine';
  static override description = 'Needs no network: what it prints comes from the store.';
  static override examples = [
    { description: 'Work on a machine in this shell', command: 'eval "$(<%= config.bin %> env web)"' },
    { description: 'And no longer', command: 'eval "$(<%= config.bin %> env --unset)"' },
  ];
  static override args = machineArgument;
  static override flags = {
    shell: Flags.string({
      description: 'bash, zsh, sh, fish, powershell, cmd, tcsh or emacs [default: $SHELL]',
    }),
    unset: Flags.boolean({ char: 'u', description: 'take the variables away again' }),
    'no-proxy': Flags.boolean({ description: 'add the machine to NO_PROXY' }),
    swarm: swarmFlag,
  };

  async run(): Promise<JsonObject> {
    const argv = ['env', ...this.argv];
    const { args, flags } = await this.parse(Env);
    if (flags.swarm) throw noSwarmMaster(this.machineName(args.name));
    const around = { environment: this.environment, platform: process.platform };
    const request: EnvRequest = {
      storage: this.storage,
      name: args.name,
      shell: flags.shell,
      unset: flags.unset,
      noProxy: flags['no-proxy'],
      argv,
    };
    this.print(envAnswer(request, around));
    if (flags.unset) return Object.fromEntries(unsetNames(request, around).map((name) => [name, null]));
    return Object.fromEntries(envVariables(request, around));
  }
}
