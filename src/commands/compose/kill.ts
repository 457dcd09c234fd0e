import { Flags } from '@oclif/core';
import { actOnAll, ownContainers } from '../../cli/compose/act-on-containers.js';
import { composeFlags } from '../../cli/compose/flags.js';
import { ProjectCommand } from '../../cli/compose/project-command.js';
import { serviceArguments } from '../../cli/compose/service-arguments.js';
import { orphansOf } from '../../compose/plan/plan-creation.js';
import { observeContainers } from '../../compose/state/observe.js';

export default class ComposeKill extends ProjectCommand {
  static override summary = 'End the containers of services at once, or send them a signal';
  static override description = 'SIGKILL unless another signal is named.';
  static override examples = [
    '<%= config.bin %> compose kill',
    '<%= config.bin %> compose kill -s SIGHUP proxy',
  ];
  static override strict = false;
  static override args = serviceArguments;
  static override flags = {
    ...composeFlags,
    signal: Flags.string({ char: 's', description: 'name or number of the signal', default: 'SIGKILL' }),
    'remove-orphans': Flags.boolean({
      description: 'also containers of services that the files do not have',
    }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(ComposeKill);
    const request = { services: argv.map(String), along: 'none' } as const;
    await this.withProjectOrLabels(flags, request, async (open) => {
      const own = await ownContainers(open);
      const all = flags['remove-orphans']
        ? await observeContainers(open.fleet, open.project.name, open.signal)
        : [];
      const running = [...own, ...orphansOf(open.whole, all)].filter(({ state }) => state === 'running');
      if (running.length === 0) {
        open.progress.warn(`no container to kill`);
        return;
      }
      const work = { action: 'kill', query: { signal: flags.signal }, words: ['Killing', 'Killed'] } as const;
      await actOnAll(open, running, work);
    });
  }
}
