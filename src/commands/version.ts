import { Args } from '@oclif/core';
import type { VersionAnswer } from '../cli/docker/version-answer.js';
import { VersionCommand, versionFlags } from '../cli/docker/version-command.js';
import { versionAnswer } from '../cli/quick-answers.js';
import { version } from '../shared/version.js';

export default class Version extends VersionCommand {
  static override summary = 'Print the version of tsmachine, or of the engine on a machine';
  static override description =
    'Nobody is asked without a machine\'s name, -m or --format. With these it is as "docker version", which "system version" is always.';
  static override examples = [
    '<%= config.bin %> version',
    '<%= config.bin %> version web',
    `<%= config.bin %> version --format '{{.Server.Version}}'`,
  ];
  static override args = { name: Args.string({ description: 'machine' }) };
  static override flags = versionFlags;

  async run(): Promise<VersionAnswer | { readonly version: string }> {
    const { args, flags } = await this.parse(Version);
    if (flags.format !== undefined || flags.machine !== undefined) {
      return await this.showVersions({ ...flags, machine: flags.machine ?? args.name });
    }
    if (args.name === undefined) {
      this.log(versionAnswer());
      return { version };
    }
    const engine = await this.machines.engineVersion(args.name, this.signal);
    this.log(engine.version);
    return engine;
  }
}
