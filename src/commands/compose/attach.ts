import { Args, Flags } from '@oclif/core';
import { composeFlags } from '../../cli/compose/flags.js';
import { indexFlag } from '../../cli/compose/index-flag.js';
import { runningContainer } from '../../cli/compose/one-container.js';
import { ProjectCommand } from '../../cli/compose/project-command.js';
import { attachToContainer } from '../../cli/docker/attach-to-container.js';

export default class ComposeAttach extends ProjectCommand {
  static override summary = 'Join this terminal with a running container of a service';
  static override description =
    'Until it ends, whose exit code this ends with, or until the detach keys are pressed.';
  static override examples = [
    '<%= config.bin %> compose attach console',
    '<%= config.bin %> compose attach --no-stdin --index 2 worker',
  ];
  static override args = {
    service: Args.string({ description: 'service', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...composeFlags,
    ...indexFlag,
    'no-stdin': Flags.boolean({ description: 'do not send input' }),
    'sig-proxy': Flags.boolean({
      description: 'pass signals on to the process',
      default: true,
      allowNo: true,
    }),
    'detach-keys': Flags.string({ description: 'keys that leave the container to itself' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ComposeAttach);
    const detachKeys = await this.detachKeys(flags['detach-keys']);
    const request = { services: [args.service], along: 'none' } as const;
    const code = await this.withProjectOrLabels(flags, request, async (open) => {
      const { machine, id } = await runningContainer(open, args.service, flags.index);
      const { stdio, signal } = this;
      return await attachToContainer(
        { client: open.fleet.client(machine), stdio, signal, takeSignals: () => this.takeSignals() },
        { container: id, stdin: !flags['no-stdin'], sigProxy: flags['sig-proxy'], start: false, detachKeys },
      );
    });
    if (code !== 0) this.exit(code);
  }
}
