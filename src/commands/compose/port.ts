import { Args, Flags } from '@oclif/core';
import { noPublicPort } from '../../cli/compose/errors.js';
import { composeFlags } from '../../cli/compose/flags.js';
import { indexFlag } from '../../cli/compose/index-flag.js';
import { runningContainer } from '../../cli/compose/one-container.js';
import { ProjectCommand } from '../../cli/compose/project-command.js';

export default class ComposePort extends ProjectCommand {
  static override summary = 'Show where a port of a service is published';
  static override description = 'As ADDRESS:PORT of the machine that the service is on.';
  static override examples = [
    '<%= config.bin %> compose port web 80',
    '<%= config.bin %> compose port --protocol udp --index 2 dns 53',
  ];
  static override args = {
    service: Args.string({ description: 'service', required: true, ignoreStdin: true }),
    port: Args.string({ description: 'port of the container', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...composeFlags,
    ...indexFlag,
    protocol: Flags.string({ description: 'tcp or udp', default: 'tcp' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ComposePort);
    const request = { services: [args.service], along: 'none' } as const;
    await this.withProjectOrLabels(flags, request, async (open) => {
      const { name, summary } = await runningContainer(open, args.service, flags.index);
      const [number, protocol = flags.protocol] = args.port.split('/');
      const found = (summary.Ports ?? []).find(
        ({ PrivatePort, PublicPort, Type }) =>
          String(PrivatePort) === number && Type === protocol && PublicPort !== undefined,
      );
      if (!found) throw noPublicPort(`${number}/${protocol}`, name);
      const { IP = '', PublicPort } = found;
      this.print(`${IP.includes(':') ? `[${IP}]` : IP}:${PublicPort}\n`);
    });
  }
}
