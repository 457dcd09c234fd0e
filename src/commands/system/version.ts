import type { VersionAnswer } from '../../cli/docker/version-answer.js';
import { VersionCommand, versionFlags } from '../../cli/docker/version-command.js';

export default class SystemVersion extends VersionCommand {
  static override summary = 'Show the versions of tsmachine and of the engine on a machine';
  static override description = 'As "docker version": both sides, with the API that they speak.';
  static override examples = [
    '<%= config.bin %> system version',
    `<%= config.bin %> system version --format '{{.Server.Version}}'`,
  ];
  static override flags = versionFlags;

  async run(): Promise<VersionAnswer> {
    const { flags } = await this.parse(SystemVersion);
    return await this.showVersions(flags);
  }
}
