import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { copyWithRsync, hasRsync } from '../cli/delta-copy.js';
import { type CopyRequest, locationText, parseLocation } from '../machine/transfer/copy-files.js';
import type { JsonObject } from '../shared/json.js';

export default class Scp extends BaseCommand {
  static override summary = 'Copy files between machines, and between a machine and this computer';
  static override description =
    'A side is [[USER@]MACHINE:]PATH; "localhost:" is this computer. Needs no scp program: files travel over the same SSH connection as everything else, between two machines through this computer.';
  static override examples = [
    '<%= config.bin %> scp web:/etc/hosts .',
    '<%= config.bin %> scp -r ./site admin@web:/srv',
    '<%= config.bin %> scp -r web:/srv/data db:/srv',
  ];
  static override usage = 'scp [-r] [-d] [-q] SOURCE DESTINATION';
  static override args = {
    source: Args.string({ required: true, description: 'what to copy', ignoreStdin: true }),
    destination: Args.string({ required: true, description: 'where to', ignoreStdin: true }),
  };
  static override flags = {
    recursive: Flags.boolean({ char: 'r', description: 'copy directories with all that is in them' }),
    delta: Flags.boolean({
      char: 'd',
      description: 'send only what is different, where rsync is on both sides',
    }),
    quiet: Flags.boolean({ char: 'q', description: 'show no progress' }),
  };

  async run(): Promise<JsonObject> {
    const { args, flags } = await this.parse(Scp);
    const request: CopyRequest = {
      from: parseLocation(args.source),
      to: parseLocation(args.destination),
      recursive: flags.recursive,
    };
    const result = { from: locationText(request.from), to: locationText(request.to) };
    if (flags.delta && (await this.copyDelta(request, flags.quiet))) return result;
    if (!flags.quiet) this.reporter.step(`Copying ${result.from} to ${result.to}`);
    await this.machines.copy(request, this.context());
    return result;
  }

  /** False where it has to be done without rsync. Ends with rsync's exit code when it fails. */
  private async copyDelta({ from, to, recursive }: CopyRequest, quiet: boolean): Promise<boolean> {
    if (from.kind === to.kind) return this.withoutDelta('rsync works between one machine and this computer');
    const machine = from.kind === 'remote' ? from : to;
    const local = from.kind === 'remote' ? to : from;
    if (machine.kind !== 'remote') return false;
    const isThere = await this.rsyncIsThere(machine.machine, machine.user);
    if (!isThere) return this.withoutDelta(`rsync is not both here and on "${machine.machine}"`);
    const direction = from.kind === 'remote' ? 'from-machine' : 'to-machine';
    const copy = {
      storage: this.storage,
      machine,
      localPath: local.path,
      direction,
      recursive,
      quiet,
    } as const;
    const code = await copyWithRsync(copy, this.signal);
    if (code !== 0) this.exit(code);
    return true;
  }

  private async rsyncIsThere(name: string, user: string | undefined): Promise<boolean> {
    await using connection = await this.machines.connect(name, this.context(), user);
    return await hasRsync(connection, this.signal);
  }

  private withoutDelta(why: string): false {
    this.reporter.warn(`copying everything: ${why}`);
    return false;
  }
}
