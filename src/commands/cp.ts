import { Args, Flags } from '@oclif/core';
import type { EngineClient } from '../api/client/engine-client.js';
import { copyFiles } from '../cli/docker/copy/copy-files.js';
import { parseCopyPlace } from '../cli/docker/copy/copy-place.js';
import { EngineCommand, machineFlag } from '../cli/docker/engine-command.js';

export default class Cp extends EngineCommand {
  static override summary = 'Copy files between containers, and between a container and this computer';
  static override description =
    'A side is PATH, CONTAINER:PATH, MACHINE/CONTAINER:PATH for another machine, or "-" for a tar on STDIN or STDOUT. Into a directory that is there, else under the new name; "/." at the end of a source is its content.';
  static override examples = [
    '<%= config.bin %> cp web:/etc/nginx/nginx.conf .',
    '<%= config.bin %> cp ./site/. web:/usr/share/nginx/html',
    '<%= config.bin %> cp a/web:/data b/web:/',
  ];
  static override enableJsonFlag = false;
  static override args = {
    source: Args.string({ description: 'what to copy', required: true, ignoreStdin: true }),
    target: Args.string({ description: 'where to', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...machineFlag,
    archive: Flags.boolean({ char: 'a', description: 'keep user and group' }),
    'follow-link': Flags.boolean({ char: 'L', description: 'copy what a link leads to' }),
    quiet: Flags.boolean({ char: 'q', description: 'show no progress; none is shown' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Cp);
    const [from, to] = [parseCopyPlace(args.source), parseCopyPlace(args.target)];
    using stack = new DisposableStack();
    const clients = new Map<string | undefined, Promise<EngineClient>>();
    const clientOf = async (machine: string | undefined): Promise<EngineClient> => {
      const client = clients.get(machine) ?? this.engineClient(machine ?? flags.machine);
      if (!clients.has(machine)) {
        clients.set(machine, client);
        stack.use(await client);
      }
      return await client;
    };
    const options = { archive: flags.archive, followLink: flags['follow-link'] };
    await copyFiles(from, to, options, { clientOf, stdio: this.stdio, signal: this.signal });
  }
}
