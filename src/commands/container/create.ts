import { splitWords } from '../../cli/docker/own-words.js';
import { RunCommand } from '../../cli/docker/run-command.js';
import { createWithImage } from '../../cli/docker/run-container.js';
import { createFlags } from '../../cli/docker/run-flags.js';

export default class ContainerCreate extends RunCommand {
  static override summary = 'Make a new container from an image, without starting it';
  static override description = 'Prints its ID; "container start" starts it. A machine is made by "create".';
  static override examples = [
    '<%= config.bin %> container create --name web -p 8080:80 nginx',
    '<%= config.bin %> container create -it --name box alpine sh',
  ];
  static override usage = 'container create [FLAGS] IMAGE [COMMAND] [ARG…]';
  static override flags = createFlags;

  async run(): Promise<void> {
    const shapes = { ...ContainerCreate.baseFlags, ...ContainerCreate.flags };
    const { flags: own, words } = splitWords(this.argv, shapes);
    const { flags } = await this.parse(ContainerCreate, own);
    this.log(await this.withRequest(flags, words, createWithImage));
  }
}
