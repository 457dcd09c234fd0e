import { Args } from '@oclif/core';
import { inspectContainer } from '../api/client/containers.js';
import type { PortBindings } from '../api/client/types.js';
import { EngineCommand, machineFlag } from '../cli/docker/engine-command.js';
import { portNotPublished } from '../cli/docker/errors.js';
import { publishedPortLines } from '../cli/docker/published-ports.js';

export default class Port extends EngineCommand {
  static override summary = 'Show the published ports of a container';
  static override description = 'All of them, or where one port of the container is reached on the machine.';
  static override examples = ['<%= config.bin %> port web', '<%= config.bin %> port web 80/tcp'];
  static override args = {
    container: Args.string({ description: 'name or ID', required: true, ignoreStdin: true }),
    port: Args.string({ description: 'PORT[/PROTOCOL] of the container', ignoreStdin: true }),
  };
  static override flags = machineFlag;

  async run(): Promise<PortBindings> {
    const { args, flags } = await this.parse(Port);
    using client = await this.engineClient(flags.machine);
    const { NetworkSettings } = await inspectContainer(client, args.container, this.signal);
    const ports = NetworkSettings?.Ports ?? {};
    const lines = publishedPortLines(ports, args.port);
    if (lines.length === 0 && args.port !== undefined) throw portNotPublished(args.port, args.container);
    this.print(lines.map((line) => `${line}\n`).join(''));
    return ports;
  }
}
