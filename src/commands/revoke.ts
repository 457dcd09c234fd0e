import { Args } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import type { Share } from '../machine/store/record.js';

export default class Revoke extends BaseCommand {
  static override summary = 'Take back the access that "export" gave';
  static override description =
    'Key and certificate are removed from the host. Connections that are open at the time last until they end.';
  static override examples = ['<%= config.bin %> revoke web alice', '<%= config.bin %> revoke web ci'];
  static override args = {
    name: Args.string({ required: true, description: 'machine' }),
    who: Args.string({
      required: true,
      description: 'who it was exported for, or the id that "export" gave',
    }),
  };

  async run(): Promise<readonly Share[]> {
    const { args } = await this.parse(Revoke);
    const revoked = await this.machines.revoke(args.name, args.who, this.context());
    this.reporter.close('done');
    for (const { who, id } of revoked) this.log(`${who} has no access to "${args.name}" any more (${id})`);
    return revoked;
  }
}
