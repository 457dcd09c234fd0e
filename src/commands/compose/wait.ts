import { Args, Flags } from '@oclif/core';
import { waitContainer } from '../../api/client/containers.js';
import { ownContainers } from '../../cli/compose/act-on-containers.js';
import { downProject } from '../../cli/compose/down-project.js';
import { composeFlags } from '../../cli/compose/flags.js';
import { ProjectCommand } from '../../cli/compose/project-command.js';
import { noContainer } from '../../compose/plan/errors.js';

export default class ComposeWait extends ProjectCommand {
  static override summary = 'Wait until the first container of some services has ended';
  static override description = 'Ends with its exit code.';
  static override examples = [
    '<%= config.bin %> compose wait tests',
    '<%= config.bin %> compose wait --down-project tests',
  ];
  static override strict = false;
  static override args = {
    service: Args.string({ description: 'services', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...composeFlags,
    'down-project': Flags.boolean({ description: 'remove the project afterwards' }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(ComposeWait);
    const request = { services: argv.map(String), along: 'none' } as const;
    const code = await this.withProjectOrLabels(flags, request, async (open) => {
      const containers = await ownContainers(open);
      if (containers.length === 0) throw noContainer(open.services.join(', '));
      const ended = await Promise.race(
        containers.map(async ({ machine, id }) => {
          const { result } = await waitContainer(open.fleet.client(machine), id, 'not-running', open.signal);
          return { id, code: (await result).StatusCode };
        }),
      );
      this.print(`container "${ended.id}" exited with status code ${ended.code}\n`);
      if (flags['down-project']) {
        await downProject(open, { services: [], volumes: false, images: undefined, removeOrphans: false });
      }
      return ended.code;
    });
    if (code !== 0) this.exit(code);
  }
}
