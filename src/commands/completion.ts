import { Args, Config } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { fishCompletion } from '../cli/completion/fish.js';
import { bashCompletion, zshCompletion } from '../cli/completion/posix.js';
import { completionWords } from '../cli/completion/words.js';

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

export default class Completion extends BaseCommand {
  static override summary = 'Print what makes a shell complete commands, flags, drivers and machines';
  static override description =
    'Machines, containers, images, volumes and networks are completed with the names there are at that moment; commands and flags are part of what is printed, so print it anew after an upgrade.';
  static override examples = [
    'source <(<%= config.bin %> completion bash)',
    '<%= config.bin %> completion fish > ~/.config/fish/completions/tsmachine.fish',
  ];
  static override enableJsonFlag = false;
  static override args = {
    shell: Args.string({ required: true, options: Object.keys(shells), description: 'bash, zsh or fish' }),
  };

  async run(): Promise<void> {
    const { args } = await this.parse(Completion);
    const drivers = await this.services.drivers();
    const render = args.shell === 'bash' ? shells.bash : args.shell === 'zsh' ? shells.zsh : shells.fish;
    const names = [
      ...drivers.builtIn().map(({ name }) => name),
      ...drivers.plugins().map(({ driver }) => driver),
    ];
    const config = await Config.load({ root: this.config.root });
    this.print(render(completionWords(config, names)));
  }
}
