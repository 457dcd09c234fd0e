import { Flags } from '@oclif/core';
import { parseSshKey, refuseBuilder } from '../../cli/compose/build-choice.js';
import { composeFlags } from '../../cli/compose/flags.js';
import { forEachImage } from '../../cli/compose/for-each-image.js';
import { type OpenProject, ProjectCommand } from '../../cli/compose/project-command.js';
import { pushServiceImage } from '../../cli/compose/push-service-image.js';
import { serviceArguments } from '../../cli/compose/service-arguments.js';
import type { BuildChoice } from '../../cli/compose/service-build.js';
import { parseKeyValues } from '../../cli/docker/key-values.js';
import { parseBytes } from '../../shared/bytes.js';

/** `-m` is the memory here, as with docker compose. */
const { char: _char, ...machineByLongName } = composeFlags.machine;

export default class ComposeBuild extends ProjectCommand {
  static override summary = 'Build the images of services';
  static override description =
    'Each on the machine of its service, several at the same time; those that others begin with first. What a Dockerfile needs of its context is sent, without what .dockerignore names, and next time only what has changed.';
  static override examples = [
    '<%= config.bin %> compose build',
    '<%= config.bin %> compose build --no-cache --build-arg VERSION=2 web',
    '<%= config.bin %> compose build --check',
  ];
  static override strict = false;
  static override args = serviceArguments;
  static override flags = {
    ...composeFlags,
    machine: machineByLongName,
    'build-arg': Flags.string({
      ...{ description: 'set a build argument', helpValue: 'NAME=VALUE' },
      ...{ multiple: true, multipleNonGreedy: true },
    }),
    'no-cache': Flags.boolean({ description: 'run every step again' }),
    pull: Flags.boolean({ description: 'look for newer base images' }),
    push: Flags.boolean({ description: 'push the images afterwards' }),
    quiet: Flags.boolean({ char: 'q', description: 'do not show what the engine says' }),
    check: Flags.boolean({ description: 'check the Dockerfiles instead of building them' }),
    memory: Flags.string({ char: 'm', description: 'limit of the memory of a step', helpValue: '512m' }),
    ssh: Flags.string({
      ...{ description: 'ssh-agent or keys for RUN --mount=type=ssh', helpValue: 'default|ID=SOCKET|KEY' },
      ...{ multiple: true, multipleNonGreedy: true },
    }),
    builder: Flags.string({
      hidden: true,
      description: 'refused but for "default": machines build themselves',
    }),
    'with-dependencies': Flags.boolean({ description: 'also of the services that they depend on' }),
  };

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(ComposeBuild);
    refuseBuilder(flags.builder);
    const along = flags['with-dependencies'] ? 'dependencies' : 'none';
    const build = {
      ...{ noCache: flags['no-cache'], pull: flags.pull },
      args: parseKeyValues(
        '--build-arg',
        (flags['build-arg'] ?? []).map((text) => this.withValue(text)),
      ),
      ssh: (flags.ssh ?? []).map(parseSshKey),
      memory: flags.memory === undefined ? undefined : parseBytes(flags.memory),
    };
    await this.withProject(flags, { services: argv.map(String), along }, async (open) => {
      if (flags.check) return await this.check(open, build);
      const { progress, signal } = open;
      const source = this.imageSource(open, { quietBuild: flags.quiet, build });
      await forEachImage(
        open,
        (service) => service.build !== undefined,
        async (client, image, service) => {
          await source.build(client, image, service);
          if (flags.push)
            await pushServiceImage(client, image, service, {
              ...{ progress, signal, quiet: flags.quiet, logins: this.registryLogins },
            });
        },
      );
    });
  }

  private async check(open: OpenProject, choice: BuildChoice): Promise<void> {
    const { checkBuilds } = await import('../../cli/compose/check-build.js');
    const rest = { choice, logins: this.registryLogins };
    for (const { service, text, status } of await checkBuilds(open, rest, await this.buildSurroundings())) {
      this.print(`${service}: ${text}`);
      if (status !== 0) process.exitCode = status;
    }
  }

  /** A name alone means the value of this environment. */
  private withValue(text: string): string {
    return text.includes('=') ? text : `${text}=${this.environment[text] ?? ''}`;
  }
}
