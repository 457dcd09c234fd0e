import { Args, Flags } from '@oclif/core';
import { type AgentLogsRequest, showAgentLogs } from '../cli/agent-logs.js';
import { argumentMissing } from '../cli/docker/errors.js';
import { MachinesCommand, machinesFlags } from '../cli/docker/machines-command.js';
import { showLogs } from '../cli/docker/show-logs.js';
import { parseTimestamp } from '../cli/docker/timestamp.js';
import { defaultMachine } from '../machine/store/access.js';

export default class Logs extends MachinesCommand {
  static override summary = 'Show what a container, or the agent of a machine, has written';
  static override examples = [
    '<%= config.bin %> logs -f web',
    '<%= config.bin %> logs --tail 100 --since 10m web',
    '<%= config.bin %> logs --agent -f my-machine',
  ];
  static override description =
    'With --agent the argument is a machine; the lines of its agent are JSON, each with its time.';
  static override enableJsonFlag = false;
  static override args = {
    container: Args.string({ description: 'name or ID', ignoreStdin: true }),
  };
  static override flags = {
    ...machinesFlags,
    agent: Flags.boolean({ description: 'of the agent of a machine, instead of a container' }),
    follow: Flags.boolean({ char: 'f', description: 'go on with what is written from now on' }),
    tail: Flags.string({ char: 'n', description: 'number of lines from the end', default: 'all' }),
    details: Flags.boolean({ description: 'show the labels and variables that the log driver keeps' }),
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

  protected override get endsWithInterrupt(): boolean {
    return true;
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Logs);
    const { follow, tail, timestamps, details, since, until } = flags;
    const now = Date.now();
    const options = {
      ...{ follow, tail, timestamps, details },
      since: since === undefined ? undefined : parseTimestamp('--since', since, now),
      until: until === undefined ? undefined : parseTimestamp('--until', until, now),
    };
    if (flags.agent) return this.showAgentLogs(args.container ?? flags.machine?.[0], options);
    const { container } = args;
    if (container === undefined) throw argumentMissing('the container', 'logs CONTAINER');
    await this.followEach(flags, (client, output) =>
      showLogs(client, container, options, output, this.signal),
    );
  }

  private async showAgentLogs(machine: string | undefined, request: AgentLogsRequest): Promise<void> {
    const name = machine ?? defaultMachine(this.storage, this.environment);
    await using connection = await this.machines.connect(name, this.context());
    await showAgentLogs(connection, request, this.stdio.stdout, this.signal);
  }
}
