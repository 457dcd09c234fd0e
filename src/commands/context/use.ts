import { Args } from '@oclif/core';
import { ContextCommand } from '../../cli/context-command.js';

export default class ContextUse extends ContextCommand {
  static override summary = 'Make a context the one that docker uses in every shell';
  static override description =
    'As "docker context use". A machine gets its context first, where it has none. "default" takes the choice back. What tsmachine itself works on is chosen by "use".';
  static override examples = [
    '<%= config.bin %> context use web && docker ps',
    '<%= config.bin %> context use default',
  ];
  static override args = { name: Args.string({ description: 'context or machine', required: true }) };

  async run(): Promise<{ readonly name: string }> {
    const { args } = await this.parse(ContextUse);
    const { name } = args;
    await this.chooseContext(name);
    this.log(name);
    this.reporter.info(`Current context is now "${name}"`);
    if (this.environment['DOCKER_HOST']) {
      this.reporter.warn(
        'DOCKER_HOST environment variable overrides the active context: unset it to use the context',
      );
    }
    return { name };
  }
}
