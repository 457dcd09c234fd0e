import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { mountWithSshfs, unmount } from '../cli/sshfs.js';
import { defaultMachine } from '../machine/store/access.js';
import { parseLocation, type RemoteLocation } from '../machine/transfer/location.js';
import type { JsonObject } from '../shared/json.js';

export default class Mount extends BaseCommand {
  static override summary = 'Mount a directory of a machine on this computer, or unmount it';
  static override description =
    'Needs sshfs here. Without a mount point the path is the same on both sides; the mount goes on until "mount -u".';
  static override examples = [
    '<%= config.bin %> mount web:/srv/data ./data',
    '<%= config.bin %> mount -u web:/srv/data ./data',
  ];
  static override args = {
    directory: Args.string({
      required: true,
      description: '[[USER@]MACHINE:]PATH on the machine',
      ignoreStdin: true,
    }),
    mountpoint: Args.string({ description: 'directory here', ignoreStdin: true }),
  };
  static override flags = {
    unmount: Flags.boolean({ char: 'u', description: 'unmount instead of mounting' }),
  };

  async run(): Promise<JsonObject> {
    const { args, flags } = await this.parse(Mount);
    const remote = this.remoteLocation(args.directory);
    const mountPoint = args.mountpoint ?? remote.path;
    const result = { machine: remote.machine, path: remote.path, mountPoint };
    if (flags.unmount) {
      await unmount(mountPoint, this.signal);
      return result;
    }
    const target = await this.machines.sshTarget(remote.machine, this.context());
    const request = {
      target,
      user: remote.user,
      remotePath: remote.path,
      mountPoint,
      directory: this.machines.directory(remote.machine),
    };
    await mountWithSshfs(request, this.signal);
    return result;
  }

  private remoteLocation(text: string): RemoteLocation {
    const location = parseLocation(text);
    if (location.kind === 'remote') return location;
    const machine = defaultMachine(this.storage, this.environment);
    return { kind: 'remote', machine, user: undefined, path: location.path };
  }
}
