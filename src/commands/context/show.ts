import { ContextCommand } from '../../cli/context-command.js';

export default class ContextShow extends ContextCommand {
  static override summary = "Print the name of docker's context that is in use";
  static override description =
    'As "docker context show": what DOCKER_HOST, DOCKER_CONTEXT or the configuration file of docker say.';
  static override examples = [
    '<%= config.bin %> context show',
    'test "$(<%= config.bin %> context show)" = web',
  ];

  async run(): Promise<{ readonly name: string }> {
    await this.parse(ContextShow);
    const name = await this.currentContext();
    this.log(name);
    return { name };
  }
}
