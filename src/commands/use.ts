import { Args } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';

export default class Use extends BaseCommand {
  static override summary = 'Make a machine the active one';
  static override description =
    'It is active in every shell that was not put on another one with "env". For tsmachine only: docker follows "env".';
  static override examples = [
    '<%= config.bin %> use web',
    '<%= config.bin %> use web && <%= config.bin %> ps',
  ];
  static override args = { name: Args.string({ required: true, description: 'machine' }) };

  async run(): Promise<{ readonly active: string }> {
    const { args } = await this.parse(Use);
    await this.machines.use(args.name);
    const other = this.environment['TSMACHINE_NAME'];
    if (other && other !== args.name) {
      this.reporter.warn(`this shell stays on "${other}": run eval "$(tsmachine env --unset)"`);
    }
    return { active: args.name };
  }
}
