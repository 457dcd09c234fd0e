import { Args, Flags } from '@oclif/core';
import { type CopyResult, copyVolume } from '../../cli/docker/copy-volume.js';
import { EngineCommand } from '../../cli/docker/engine-command.js';
import { volumeLocationInvalid } from '../../cli/docker/errors.js';

export default class VolumeCopy extends EngineCommand {
  static override summary = 'Copy a volume to another machine, or bring a copy up to date';
  static override description =
    'Only what differs is sent, so that an interrupted copy goes on when it is run again. At the end both volumes are read and compared.';
  static override examples = [
    '<%= config.bin %> volume copy web:data backup:data',
    '<%= config.bin %> volume copy --delete web:data backup:data',
  ];
  static override args = {
    source: Args.string({ required: true, description: 'MACHINE:VOLUME' }),
    target: Args.string({ required: true, description: 'MACHINE:VOLUME; made when there is none' }),
  };
  static override flags = {
    delete: Flags.boolean({ description: 'remove what the source does not have' }),
  };

  async run(): Promise<CopyResult> {
    const { args, flags } = await this.parse(VolumeCopy);
    const [from, to] = [locate(args.source), locate(args.target)];
    using source = await this.engineClient(from.machine);
    using target = await this.engineClient(to.machine);
    const options = { delete: flags.delete, signal: this.signal, reporter: this.reporter };
    const result = await copyVolume({ ...from, client: source }, { ...to, client: target }, options);
    this.reporter.close('done');
    const removed = result.removed > 0 ? `, removed ${result.removed}` : '';
    this.log(`${args.target}: sent ${result.sent} of ${result.entries} files${removed}; verified`);
    return result;
  }
}

/** Throws VOLUME_LOCATION_INVALID. */
function locate(text: string): { readonly machine: string; readonly name: string } {
  const [, machine, name] = /^([^:]+):([^:]+)$/.exec(text) ?? [];
  if (machine === undefined || name === undefined) throw volumeLocationInvalid(text);
  return { machine, name };
}
