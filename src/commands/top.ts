import { Args } from '@oclif/core';
import { containerProcesses } from '../api/client/container-actions.js';
import type { TopResponse } from '../api/client/types.js';
import { EngineCommand, machineFlag } from '../cli/docker/engine-command.js';
import { argumentMissing } from '../cli/docker/errors.js';
import { splitWords } from '../cli/docker/own-words.js';
import { renderTable } from '../cli/table.js';

export default class Top extends EngineCommand {
  static override summary = 'Show the processes of a running container';
  static override description = 'Words behind the container are options of ps, which runs on the machine.';
  static override examples = ['<%= config.bin %> top web', '<%= config.bin %> top web -o pid,comm,rss'];
  static override usage = 'top [FLAGS] CONTAINER [PS-OPTION…]';
  static override strict = false;
  static passThrough = true;
  static override args = { container: Args.string({ description: 'name or ID', ignoreStdin: true }) };
  static override flags = machineFlag;

  async run(): Promise<TopResponse> {
    const { flags: own, words } = splitWords(this.argv, { ...Top.baseFlags, ...Top.flags });
    const { flags } = await this.parse(Top, own);
    const [container, ...psArguments] = words;
    if (container === undefined) throw argumentMissing('the container', Top.usage);
    using client = await this.engineClient(flags.machine);
    const answer = await containerProcesses(client, container, psArguments.join(' '), this.signal);
    this.print(renderTable([answer.Titles, ...(answer.Processes ?? [])], 20));
    return answer;
  }
}
