import { actOnAll, ownContainers } from '../../cli/compose/act-on-containers.js';
import { composeFlags } from '../../cli/compose/flags.js';
import { ProjectCommand } from '../../cli/compose/project-command.js';
import { serviceArguments } from '../../cli/compose/service-arguments.js';

export default class ComposeUnpause extends ProjectCommand {
  static override summary = 'Continue services';
  static override description = 'After "compose pause".';
  static override examples = [
    '<%= config.bin %> compose unpause',
    '<%= config.bin %> compose unpause worker',
  ];
  static override strict = false;
  static override args = serviceArguments;
  static override flags = composeFlags;

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(ComposeUnpause);
    const request = { services: argv.map(String), along: 'none' } as const;
    await this.withProjectOrLabels(flags, request, async (open) => {
      const containers = (await ownContainers(open)).filter(({ state }) => state === 'paused');
      await actOnAll(open, containers, { action: 'unpause', words: ['Unpausing', 'Unpaused'] });
    });
  }
}
