import { Args, Flags } from '@oclif/core';
import { startContainer } from '../../api/client/containers.js';
import { attachToContainer } from '../../cli/docker/attach-to-container.js';
import { machineFlag } from '../../cli/docker/engine-command.js';
import { oneContainerOnly } from '../../cli/docker/errors.js';
import { NamesCommand } from '../../cli/docker/names-command.js';

export default class ContainerStart extends NamesCommand {
  static override summary = 'Start containers';
  static override description =
    'With -a or -i one container, whose exit code is that of the command. A machine is started by "start".';
  static override examples = [
    '<%= config.bin %> container start web db',
    '<%= config.bin %> container start -ai box',
  ];
  static override args = {
    container: Args.string({ description: 'names or IDs', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...machineFlag,
    attach: Flags.boolean({ char: 'a', description: 'attach STDOUT and STDERR, and forward signals' }),
    interactive: Flags.boolean({ char: 'i', description: 'attach STDIN too' }),
    checkpoint: Flags.string({ hidden: true, description: 'restore from this checkpoint' }),
    'checkpoint-dir': Flags.string({ hidden: true, description: 'where checkpoints are' }),
    'detach-keys': Flags.string({ description: 'keys that detach from the container', helpValue: 'KEYS' }),
    'sig-proxy': Flags.boolean({
      ...{ description: 'proxy received signals to the process', default: true, allowNo: true },
    }),
  };

  async run(): Promise<{ readonly done: readonly string[] }> {
    const { argv, flags } = await this.parse(ContainerStart);
    if (!flags.attach && !flags.interactive) {
      return await this.forEachName(argv, flags.machine, async (client, name) => {
        const { checkpoint, 'checkpoint-dir': directory } = flags;
        const from = { checkpoint, 'checkpoint-dir': directory };
        await startContainer(client, name, this.signal, from);
        return undefined;
      });
    }
    const [container, ...others] = argv.map(String);
    if (container === undefined || others.length > 0) throw oneContainerOnly();
    await this.attach(container, flags);
    return { done: [container] };
  }

  private async attach(container: string, flags: AttachFlags): Promise<void> {
    const request = {
      container,
      stdin: flags.interactive,
      sigProxy: flags['sig-proxy'],
      detachKeys: await this.detachKeys(flags['detach-keys']),
      start: true,
    };
    using client = await this.engineClient(flags.machine);
    const context = { client, stdio: this.stdio, signal: this.signal, takeSignals: () => this.takeSignals() };
    const code = await attachToContainer(context, request);
    if (code !== 0) this.exit(code);
  }
}

interface AttachFlags {
  readonly machine?: string | undefined;
  readonly interactive: boolean;
  readonly 'sig-proxy': boolean;
  readonly 'detach-keys'?: string | undefined;
}
