import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { Args, Flags } from '@oclif/core';
import { containersUsing } from '../../api/client/containers.js';
import { readVolume } from '../../api/client/volume-archive.js';
import { EngineCommand, machineFlag } from '../../cli/docker/engine-command.js';
import { outputIsTerminal } from '../../cli/docker/errors.js';

export default class VolumeExport extends EngineCommand {
  static override summary = 'Write a volume as a tar archive';
  static override description =
    'The archive has owners, modes, links, devices and extended attributes, and is compared with what the engine sent. It needs no image on the host.';
  static override examples = [
    '<%= config.bin %> volume export data > data.tar',
    '<%= config.bin %> volume export -m web -o data.tar data',
  ];
  static override enableJsonFlag = false;
  static override args = { volume: Args.string({ required: true, description: 'volume' }) };
  static override flags = {
    ...machineFlag,
    output: Flags.string({ char: 'o', description: 'write to this file, not to STDOUT', helpValue: 'FILE' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(VolumeExport);
    const { stdout } = this.stdio;
    if (flags.output === undefined && stdout.isTTY)
      throw outputIsTerminal('an archive', 'name a file with -o, or send it through a pipe');
    using client = await this.engineClient(flags.machine);
    const users = await containersUsing(client, args.volume, this.signal);
    if (users.length > 0) this.reporter.warn(`volume "${args.volume}" is in use by ${users.join(', ')}`);
    const tar = await readVolume(client, args.volume, undefined, this.signal);
    if (flags.output === undefined) await pipeline(tar, stdout, { end: false });
    else await writeWhole(tar, flags.output);
  }
}

/** The file appears once it is complete. */
async function writeWhole(tar: NodeJS.ReadableStream, path: string): Promise<void> {
  const draft = `${path}.part`;
  try {
    await pipeline(tar, createWriteStream(draft));
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
