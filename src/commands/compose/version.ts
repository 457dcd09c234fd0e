import { Flags } from '@oclif/core';
import { composeFlags } from '../../cli/compose/flags.js';
import { EngineCommand } from '../../cli/docker/engine-command.js';
import { composeVersion } from '../../compose/labels.js';

export default class ComposeVersion extends EngineCommand {
  static override summary = 'Show which Docker Compose the compose commands are as';
  static override description = 'The release whose files, labels and formats they follow.';
  static override examples = [
    '<%= config.bin %> compose version',
    '<%= config.bin %> compose version --short',
  ];
  static override enableJsonFlag = false;
  static override flags = {
    'dry-run': composeFlags['dry-run'],
    short: Flags.boolean({ description: 'only the number' }),
    format: Flags.option({ options: ['pretty', 'json'] as const })({
      ...{ char: 'f', description: 'format', default: 'pretty' },
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(ComposeVersion);
    if (flags.short) this.print(`${composeVersion}\n`);
    else if (flags.format === 'json') this.print(`${JSON.stringify({ version: composeVersion })}\n`);
    else this.print(`tsmachine ${this.config.version}, as Docker Compose version v${composeVersion}\n`);
  }
}
