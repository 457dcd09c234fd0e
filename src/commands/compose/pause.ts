import { actOnAll, ownContainers } from '../../cli/compose/act-on-containers.js';
import { composeFlags } from '../../cli/compose/flags.js';
import { ProjectCommand } from '../../cli/compose/project-command.js';
import { serviceArguments } from '../../cli/compose/service-arguments.js';

export default class ComposePause extends ProjectCommand {
  static override summary = 'Suspend services';
  static override description = 'Their processes are frozen where they are, until "compose unpause".';
  static override examples = ['<%= config.bin %> compose pause', '<%= config.bin %> compose pause worker'];
  static override strict = false;
  static override args = serviceArguments;
  static override flags = composeFlags;

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(ComposePause);
    const request = { services: argv.map(String), along: 'none' } as const;
    await this.withProjectOrLabels(flags, request, async (open) => {
      const containers = (await ownContainers(open)).filter(({ state }) => state === 'running');
      await actOnAll(open, containers, { action: 'pause', words: ['Pausing', 'Paused'] });
    });
  }
}
