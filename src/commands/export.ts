import { resolve } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import type { Share } from '../machine/store/record.js';

export default class Export extends BaseCommand {
  static override summary = 'Write a machine to a file, for somebody else to use';
  static override description =
    'The file holds a new SSH key and a new client certificate that open this host only, and none of your keys. Give it over a safe channel: whoever has it is root on the host. "revoke" takes the access back.';
  static override examples = [
    '<%= config.bin %> export --for alice web web-for-alice.tar',
    '<%= config.bin %> export --for ci web web-for-ci.tar',
  ];
  static override args = {
    name: Args.string({ required: true, description: 'machine' }),
    file: Args.string({ required: true, description: 'file to write; must not exist' }),
  };
  static override flags = {
    for: Flags.string({ default: 'a colleague', description: 'who it is for; "revoke" takes this name' }),
  };

  async run(): Promise<Share> {
    const { args, flags } = await this.parse(Export);
    const request = { file: resolve(args.file), who: flags.for };
    const share = await this.machines.export(args.name, request, this.context());
    this.reporter.close('done');
    this.log(`machine "${args.name}" is in "${args.file}" for ${share.who}`);
    this.log(`  › tsmachine import ${args.file} is what they run`);
    this.log(`  › tsmachine revoke ${args.name} ${share.id} takes it back`);
    return share;
  }
}
