import { Flags } from '@oclif/core';
import { ownContainers } from '../../cli/compose/act-on-containers.js';
import { notConfirmed } from '../../cli/compose/errors.js';
import { composeFlags } from '../../cli/compose/flags.js';
import { ProjectCommand } from '../../cli/compose/project-command.js';
import { serviceArguments } from '../../cli/compose/service-arguments.js';
import { confirm } from '../../cli/confirm.js';
import { ContainerRegistry } from '../../compose/engine/container-registry.js';
import { performSteps } from '../../compose/engine/perform-step.js';
import { stopProject } from '../../compose/engine/stop-project.js';
import type { Step } from '../../compose/plan/step.js';

export default class ComposeRm extends ProjectCommand {
  static override summary = 'Remove containers that do not run';
  static override description =
    'Asks before it does, unless -f is given. Anonymous volumes stay unless -v is given.';
  static override examples = ['<%= config.bin %> compose rm', '<%= config.bin %> compose rm -fsv worker'];
  static override strict = false;
  static override args = serviceArguments;
  static override flags = {
    ...composeFlags,
    force: Flags.boolean({ char: 'f', description: 'do not ask' }),
    stop: Flags.boolean({ char: 's', description: 'stop them first' }),
    volumes: Flags.boolean({ char: 'v', description: 'remove their anonymous volumes' }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(ComposeRm);
    const request = { services: argv.map(String), along: 'none' } as const;
    await this.withProjectOrLabels(flags, request, async (open) => {
      if (flags.stop) await stopProject(open, open.services);
      const containers = (await ownContainers(open)).filter(({ state }) => !alive.has(state));
      if (containers.length === 0) {
        this.print('No stopped containers\n');
        return;
      }
      const question = `Going to remove ${containers.map(({ name }) => name).join(', ')}`;
      if (flags.force) this.print(`${question}\n`);
      else if (!(await this.confirmed(`${question}. Are you sure?`))) return;
      const steps = containers.map((container): Step => {
        return { id: container.id, after: [], action: { kind: 'remove', container, volumes: flags.volumes } };
      });
      await performSteps({ ...open, registry: new ContainerRegistry(containers) }, steps);
    });
  }

  private async confirmed(question: string): Promise<boolean> {
    if (!this.stdio.stdin.isTTY) throw notConfirmed();
    return await confirm(question, this.signal);
  }
}

const alive = new Set(['running', 'paused', 'restarting']);
