import { text } from 'node:stream/consumers';
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { secretNotGiven } from '../cli/errors.js';

export default class Secret extends BaseCommand {
  static override summary = "Give a machine's driver another password or key";
  static override description =
    'The secret is asked for on the terminal, or read from standard input. It goes to the keyring or into a file that only you may read, never into the record.';
  static override examples = [
    '<%= config.bin %> secret cloud ec2-secret-key <new-key.txt',
    '<%= config.bin %> secret web ssh-password --forget',
  ];
  static override args = {
    name: Args.string({ required: true, description: 'machine', ignoreStdin: true }),
    option: Args.string({
      required: true,
      description: "flag of the machine's driver that takes a secret",
      ignoreStdin: true,
    }),
  };
  static override flags = {
    forget: Flags.boolean({ description: 'forget what was kept' }),
  };

  async run(): Promise<{ readonly machine: string; readonly secret: string }> {
    const { args, flags } = await this.parse(Secret);
    const value = flags.forget ? undefined : await this.ask(args.option);
    await this.machines.setSecret(args.name, args.option, value, this.context());
    return { machine: args.name, secret: args.option };
  }

  private async ask(option: string): Promise<string> {
    const typed = await this.prompt.ask(`${option}: `, { echo: false, again: true, signal: this.signal });
    const value = typed ?? (await text(process.stdin)).replace(/\r?\n$/, '');
    if (value === '') throw secretNotGiven(option);
    return value;
  }
}
