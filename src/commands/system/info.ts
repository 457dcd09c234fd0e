import { Flags } from '@oclif/core';
import { engineInfo } from '../../api/client/system.js';
import type { InfoResponse } from '../../api/system.js';
import { EngineCommand, machineFlag } from '../../cli/docker/engine-command.js';
import { infoText } from '../../cli/docker/info-text.js';
import { formatRows } from '../../cli/format-template.js';

export default class SystemInfo extends EngineCommand {
  static override summary = 'Show what the engine of a machine says of itself';
  static override description = 'Its warnings go to STDERR. "inspect" tells what is known of the machine.';
  static override examples = [
    '<%= config.bin %> system info',
    `<%= config.bin %> system info --format '{{.ServerVersion}}'`,
  ];
  static override flags = {
    ...machineFlag,
    format: Flags.string({ char: 'f', description: 'json, or a Go template over the keys of the JSON' }),
  };

  async run(): Promise<InfoResponse> {
    const { flags } = await this.parse(SystemInfo);
    using client = await this.engineClient(flags.machine);
    const info = await engineInfo(client, this.signal);
    if (flags.format !== undefined) this.print(formatRows(flags.format, [info], { lenient: true }));
    else {
      this.print(infoText(info));
      for (const warning of info.Warnings ?? []) this.logToStderr(warning);
    }
    return info;
  }
}
