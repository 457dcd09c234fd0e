import { Flags } from '@oclif/core';
import { composeFlags } from '../../cli/compose/flags.js';
import { indexFlag } from '../../cli/compose/index-flag.js';
import { ProjectCommand } from '../../cli/compose/project-command.js';
import { serviceArguments } from '../../cli/compose/service-arguments.js';
import { showProjectLogs } from '../../cli/compose/show-project-logs.js';
import { parseTimestamp } from '../../cli/docker/timestamp.js';

export default class ComposeLogs extends ProjectCommand {
  static override summary = 'Show what the containers of services have written';
  static override description =
    'Each line is marked with its container. With -f it goes on, also with containers that are started later, until Ctrl-C.';
  static override examples = [
    '<%= config.bin %> compose logs -f',
    '<%= config.bin %> compose logs --tail 20 --since 10m web worker',
  ];
  static override strict = false;
  static override args = serviceArguments;
  static override flags = {
    ...composeFlags,
    ...indexFlag,
    follow: Flags.boolean({ char: 'f', description: 'go on with what is written from now on' }),
    tail: Flags.string({ char: 'n', description: 'number of lines from the end of each', default: 'all' }),
    timestamps: Flags.boolean({ char: 't', description: 'show the time of each line' }),
    since: Flags.string({
      description: 'only what is later than a time, or younger than 42m',
      helpValue: 'TIME',
    }),
    until: Flags.string({
      description: 'only what is earlier than a time, or older than 42m',
      helpValue: 'TIME',
    }),
    'no-color': Flags.boolean({ description: 'no colours' }),
    'no-log-prefix': Flags.boolean({ description: 'do not mark lines with the name of their container' }),
  };

  protected override get endsWithInterrupt(): boolean {
    return true;
  }

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(ComposeLogs);
    const { follow, tail, timestamps, since, until } = flags;
    const now = Date.now();
    const options = {
      ...{ follow, tail, timestamps },
      since: since === undefined ? undefined : parseTimestamp('--since', since, now),
      until: until === undefined ? undefined : parseTimestamp('--until', until, now),
    };
    const request = { services: argv.map(String), along: 'none' } as const;
    await this.withProjectOrLabels(flags, request, (open) =>
      showProjectLogs(open, {
        ...{ options, index: flags.index, stdio: this.stdio, ansi: open.settings.progress.ansi },
        printer: { color: !flags['no-color'], prefix: !flags['no-log-prefix'] },
      }),
    );
  }
}
