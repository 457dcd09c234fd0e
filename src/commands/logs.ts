import { Args, Flags } from '@oclif/core';
import { EngineCommand, machineFlag } from '../cli/docker/engine-command.js';
import { showLogs } from '../cli/docker/show-logs.js';
import { parseTimestamp } from '../cli/docker/timestamp.js';

export default class Logs extends EngineCommand {
  static override summary = 'Show what a container has written';
  static override examples = [
    '<%= config.bin %> logs -f web',
    '<%= config.bin %> logs --tail 100 --since 10m web',
  ];
  static override enableJsonFlag = false;
  static override args = {
    container: Args.string({ description: 'name or ID', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...machineFlag,
    follow: Flags.boolean({ char: 'f', description: 'go on with what is written from now on' }),
    tail: Flags.string({ char: 'n', description: 'number of lines from the end', default: 'all' }),
    timestamps: Flags.boolean({ char: 't', description: 'show the time of each line' }),
    since: Flags.string({
      description: 'only what is later than a time, or younger than 42m',
      helpValue: 'TIME',
    }),
    until: Flags.string({
      description: 'only what is earlier than a time, or older than 42m',
      helpValue: 'TIME',
    }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Logs);
    const { follow, tail, timestamps, since, until } = flags;
    const now = Date.now();
    const options = {
      ...{ follow, tail, timestamps },
      since: since === undefined ? undefined : parseTimestamp('--since', since, now),
      until: until === undefined ? undefined : parseTimestamp('--until', until, now),
    };
    using client = await this.engineClient(flags.machine);
    await showLogs(client, args.container, options, this.stdio, this.signal);
  }
}
