import { writeFile } from 'node:fs/promises';
import { Args, Flags } from '@oclif/core';
import { ComposeCommand } from '../../cli/compose/compose-command.js';
import { composeFlags } from '../../cli/compose/flags.js';

export default class ComposeConfig extends ComposeCommand {
  static override summary = 'Show the Compose project as it is read';
  static override description =
    'Finds, merges, interpolates and checks the Compose files, and shows the result with everything in its long form.';
  static override examples = [
    '<%= config.bin %> compose config',
    '<%= config.bin %> compose -f compose.yaml -f compose.prod.yaml config --quiet',
    '<%= config.bin %> compose config --hash "*"',
  ];
  static override strict = false;
  static override args = {
    service: Args.string({ description: 'services to show, with what they depend on; else all' }),
  };
  static override flags = {
    ...composeFlags,
    format: Flags.option({ options: ['yaml', 'json'] as const })({
      description: 'format of the output',
      default: 'yaml',
    }),
    quiet: Flags.boolean({ char: 'q', description: 'only check' }),
    services: Flags.boolean({ description: 'names of the services, one a line' }),
    volumes: Flags.boolean({ description: 'names of the volumes, one a line' }),
    images: Flags.boolean({ description: 'names of the images, one a line' }),
    profiles: Flags.boolean({ description: 'names of the profiles, one a line' }),
    environment: Flags.boolean({ description: 'the variables that are interpolated, one a line' }),
    hash: Flags.string({ description: 'hashes of these services, "*" for all', helpValue: 'SERVICES' }),
    output: Flags.string({ char: 'o', description: 'write to this file', helpValue: 'FILE' }),
    'no-interpolate': Flags.boolean({ description: 'leave variables as they are' }),
    'no-normalize': Flags.boolean({ description: 'leave out what the files do not say' }),
    'no-path-resolution': Flags.boolean({ description: 'leave relative paths as they are' }),
    'no-consistency': Flags.boolean({ description: 'do not check whether everything fits together' }),
  };

  async run(): Promise<unknown> {
    const { argv, flags } = await this.parse(ComposeConfig);
    const services = argv.map(String);
    const { configAnswer } = await import('../../cli/compose/config-answer.js');
    const project = await this.loadProject(flags, services, {
      interpolate: !flags['no-interpolate'],
      normalize: !flags['no-normalize'],
      resolvePaths: !flags['no-path-resolution'],
      consistency: !flags['no-consistency'],
    });
    const { text, json } = configAnswer(project, services, flags);
    if (flags.output !== undefined) await writeFile(flags.output, text);
    else if (!flags.quiet) this.print(text);
    return json;
  }
}
