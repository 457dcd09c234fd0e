import { Args, Flags } from '@oclif/core';
import { attachToContainer } from '../cli/docker/attach-to-container.js';
import { EngineCommand, machineFlag } from '../cli/docker/engine-command.js';

export default class Attach extends EngineCommand {
  static override summary = 'Join this terminal with a running container';
  static override description =
    'Ends with the exit code of the container. Ctrl-P Ctrl-Q leaves a container with a terminal running; --no-sig-proxy keeps Ctrl-C from one without.';
  static override examples = [
    '<%= config.bin %> attach box',
    '<%= config.bin %> attach --no-stdin --no-sig-proxy web',
  ];
  static override enableJsonFlag = false;
  static override args = {
    container: Args.string({ description: 'name or ID', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...machineFlag,
    'no-stdin': Flags.boolean({ description: 'send no input' }),
    'detach-keys': Flags.string({ description: 'keys that detach from the container', helpValue: 'KEYS' }),
    'sig-proxy': Flags.boolean({
      ...{ description: 'proxy received signals to the process', default: true, allowNo: true },
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Attach);
    const request = {
      container: args.container,
      stdin: !flags['no-stdin'],
      sigProxy: flags['sig-proxy'],
      detachKeys: await this.detachKeys(flags['detach-keys']),
      start: false,
    };
    using client = await this.engineClient(flags.machine);
    const context = { client, stdio: this.stdio, signal: this.signal, takeSignals: () => this.takeSignals() };
    const code = await attachToContainer(context, request);
    if (code !== 0) this.exit(code);
  }
}
