import { Flags } from '@oclif/core';
import { creationFlags, creationOptions, parseScales } from '../../cli/compose/creation-flags.js';
import { composeFlags } from '../../cli/compose/flags.js';
import { ProjectCommand } from '../../cli/compose/project-command.js';
import { serviceArguments } from '../../cli/compose/service-arguments.js';
import { createProject, withScales } from '../../compose/engine/up.js';

export default class ComposeCreate extends ProjectCommand {
  static override summary = 'Create containers without starting them';
  static override description = 'With the networks and volumes that they need; "compose start" starts them.';
  static override examples = [
    '<%= config.bin %> compose create',
    '<%= config.bin %> compose create --build --scale worker=3 worker',
  ];
  static override strict = false;
  static override args = serviceArguments;
  static override flags = {
    ...composeFlags,
    ...creationFlags,
    yes: Flags.boolean({ char: 'y', description: 'answer yes to every question; none is asked' }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(ComposeCreate);
    const named = argv.map(String);
    await this.withProject(flags, { services: named, along: 'dependencies' }, async (open) => {
      const project = withScales(open.project, parseScales('--scale', flags.scale ?? []));
      const source = this.imageSource({ ...open, project }, { quietPull: flags['quiet-pull'] });
      await createProject({ ...open, project }, source, creationOptions(flags, open, named));
    });
  }
}
