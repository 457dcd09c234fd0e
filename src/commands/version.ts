import { Args } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { versionAnswer } from '../cli/quick-answers.js';
import { version } from '../shared/version.js';

export default class Version extends BaseCommand {
  static override summary = 'Print the version of tsmachine, or of the engine on a machine';
  static override description = "Nobody is asked without a machine's name.";
  static override examples = ['<%= config.bin %> version', '<%= config.bin %> version web'];
  static override args = { name: Args.string({ description: 'machine' }) };

  async run(): Promise<{ readonly version: string }> {
    const { args } = await this.parse(Version);
    if (args.name === undefined) {
      this.log(versionAnswer());
      return { version };
    }
    const engine = await this.machines.engineVersion(args.name, this.signal);
    this.log(engine.version);
    return engine;
  }
}
