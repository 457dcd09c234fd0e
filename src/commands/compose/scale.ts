import { Args, Flags } from '@oclif/core';
import { parseScales } from '../../cli/compose/creation-flags.js';
import { composeFlags } from '../../cli/compose/flags.js';
import { ProjectCommand } from '../../cli/compose/project-command.js';
import { type CreationOptions, createProject, startProject, withScales } from '../../compose/engine/up.js';

export default class ComposeScale extends ProjectCommand {
  static override summary = 'Change how many containers services have';
  static override description = 'Starts further ones, or removes those with the highest numbers.';
  static override examples = [
    '<%= config.bin %> compose scale worker=3',
    '<%= config.bin %> compose scale --no-deps web=2 worker=0',
  ];
  static override strict = false;
  static override args = {
    scale: Args.string({ description: 'SERVICE=NUMBER', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...composeFlags,
    'no-deps': Flags.boolean({ description: 'do not start what the services depend on' }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(ComposeScale);
    const scales = parseScales('SERVICE=NUMBER', argv.map(String));
    const named = [...scales.keys()];
    const along = flags['no-deps'] ? 'none' : 'dependencies';
    await this.withProject(flags, { services: named, along }, async (open) => {
      const project = withScales(open.project, scales);
      const around = { ...open, project };
      const source = this.imageSource(around);
      const options: CreationOptions = {
        ...{ services: open.services, policyOf: () => 'never', renewVolumes: false, orphans: 'tell' },
        images: { pull: undefined, build: 'missing' },
      };
      await startProject(around, await createProject(around, source, options));
    });
  }
}
