import { Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { activeAnswer } from '../cli/quick-answers.js';

export default class Active extends BaseCommand {
  static override summary = 'Print the name of the active machine';
  static override description =
    'It is the one that this shell was put on with "env", else the one chosen with "use". Needs no network.';
  static override examples = [
    '<%= config.bin %> active',
    '<%= config.bin %> ssh "$(<%= config.bin %> active)"',
  ];

  static override flags = {
    timeout: Flags.integer({
      ...{ char: 't', min: 1, hidden: true },
      description: "docker-machine's; the answer needs no network and takes no time",
    }),
  };

  async run(): Promise<string> {
    await this.parse(Active);
    const name = activeAnswer(this.storage, this.environment);
    this.log(name);
    return name;
  }
}
