import { writeFile } from 'node:fs/promises';
import { Args, Flags, type Interfaces } from '@oclif/core';
import { imageDigest } from '../../api/client/images.js';
import { ComposeCommand } from '../../cli/compose/compose-command.js';
import { asksForNames, type ConfigAnswer } from '../../cli/compose/config-question.js';
import { composeFlags } from '../../cli/compose/flags.js';
import type { Project } from '../../compose/model/project.js';

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
    variables: Flags.boolean({ description: 'the variables that the files use, with their defaults' }),
    hash: Flags.string({ description: 'hashes of these services, "*" for all', helpValue: 'SERVICES' }),
    'resolve-image-digests': Flags.boolean({ description: 'pin images to the digests that registries have' }),
    output: Flags.string({ char: 'o', description: 'write to this file', helpValue: 'FILE' }),
    'no-interpolate': Flags.boolean({ description: 'leave variables as they are' }),
    'no-normalize': Flags.boolean({ description: 'leave out what the files do not say' }),
    'no-path-resolution': Flags.boolean({ description: 'leave relative paths as they are' }),
    'no-consistency': Flags.boolean({ description: 'do not check whether everything fits together' }),
  };

  async run(): Promise<unknown> {
    const { argv, flags } = await this.parse(ComposeConfig);
    const { text, json } = await this.#answer(flags, argv.map(String));
    if (flags.output !== undefined) await writeFile(flags.output, text);
    else if (!flags.quiet) this.print(text);
    return json;
  }

  async #answer(flags: ConfigFlags, services: readonly string[]): Promise<ConfigAnswer> {
    const { configAnswer, modelAnswer } = await import('../../cli/compose/config-answer.js');
    const loading = {
      interpolate: !flags['no-interpolate'] && !flags.variables,
      normalize: !flags['no-normalize'] && !flags.compatibility,
      resolvePaths: !flags['no-path-resolution'],
      consistency: !flags['no-consistency'],
      resolveEnvironment: !asksForNames(flags),
    };
    // A model with variables in it is no project yet.
    if (!loading.interpolate && (flags.variables || !asksForNames(flags))) {
      return modelAnswer(await this.loadProjectModel(flags, loading), flags);
    }
    const project = await this.loadProject(flags, services, loading);
    return configAnswer(
      flags['resolve-image-digests'] ? await this.#pinned(project, flags) : project,
      services,
      flags,
    );
  }

  /** The machine's engine asks the registries, with the logins of this computer. */
  async #pinned(project: Project, { machine }: ConfigFlags): Promise<Project> {
    const { withImageDigests } = await import('../../cli/compose/image-digests.js');
    using client = await this.engineClient(machine);
    return await withImageDigests(project, async (image) =>
      imageDigest(client, image, await this.registryAuthorization(image), this.signal),
    );
  }
}

type ConfigFlags = Interfaces.InferredFlags<typeof ComposeConfig.flags>;
