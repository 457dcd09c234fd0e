import { Args, Flags } from '@oclif/core';
import { EngineClient } from '../../api/client/engine-client.js';
import { engineArchitecture } from '../../api/client/system.js';
import { EngineCommand } from '../../cli/docker/engine-command.js';
import { argumentMissing } from '../../cli/docker/errors.js';
import { progressTo } from '../../cli/docker/pull-image.js';
import { sameMachine } from '../../cli/image-transfer/errors.js';
import { openSource, type SourceChoice } from '../../cli/image-transfer/open-source.js';
import { type PushedImages, pushImages } from '../../cli/image-transfer/push-images.js';
import { findActiveMachine } from '../../machine/store/access.js';
import { formatBytes } from '../../shared/bytes.js';

export default class ImagePushTo extends EngineCommand {
  static override summary = 'Bring images to a machine without a registry';
  static override description =
    'Only the layers that the machine lacks travel, and each is verified there. The images come from the machine of -m, from the active one, or else from the docker of this computer; or from an archive or an OCI layout.';
  static override examples = [
    '<%= config.bin %> image push-to web my-app:1',
    '<%= config.bin %> image push-to -m build web my-app:1 my-worker:1',
    '<%= config.bin %> image push-to --local web my-app:1',
    '<%= config.bin %> image push-to -i ./layout web my-app:1',
  ];
  static override strict = false;
  static override args = {
    target: Args.string({ description: 'machine that gets them', required: true, ignoreStdin: true }),
    image: Args.string({
      description: 'names or IDs; of an archive all when none is given',
      ignoreStdin: true,
    }),
  };
  static override flags = {
    machine: Flags.string({
      ...{ char: 'm', description: 'machine that has them; else the active one', helpValue: 'NAME' },
    }),
    local: Flags.boolean({
      description: 'from the docker of this computer',
      exclusive: ['machine', 'input'],
    }),
    input: Flags.string({
      ...{ char: 'i', description: 'from an archive, an OCI layout, or - for STDIN', helpValue: 'FILE|DIR' },
      exclusive: ['machine'],
    }),
  };

  async run(): Promise<PushedImages> {
    const { argv, args, flags } = await this.parse(ImagePushTo);
    const names = argv.slice(1).map(String);
    if (names.length === 0 && flags.input === undefined) {
      throw argumentMissing('IMAGE', '"tsmachine image push-to MACHINE IMAGE…"');
    }
    const choice = await this.#choose(args.target, flags);
    const { signal, reporter } = this;
    using target = new EngineClient(await this.engineEndpoint(args.target));
    const architecture = await engineArchitecture(target, signal);
    await using source = await openSource(choice, { names, architecture, signal });
    const { stderr } = process;
    const progress = stderr.isTTY ? progressTo(stderr) : () => {};
    const result = await pushImages(source, target, { machine: args.target, signal, reporter, progress });
    reporter.close('done');
    const { sentLayers, layers, sentBytes } = result;
    this.log(`${args.target}: sent ${sentLayers} of ${layers} layers, ${formatBytes(sentBytes)}; verified`);
    return result;
  }

  /** Throws SAME_MACHINE. */
  async #choose(
    target: string,
    flags: {
      readonly machine: string | undefined;
      readonly local: boolean;
      readonly input: string | undefined;
    },
  ): Promise<SourceChoice> {
    if (flags.input !== undefined) return { kind: 'files', path: flags.input, stdin: this.stdio.stdin };
    const active = flags.local ? undefined : findActiveMachine(this.storage, this.environment);
    const machine = flags.machine ?? (active === target ? undefined : active);
    if (machine === target) throw sameMachine(target);
    if (machine === undefined) return { kind: 'local', environment: this.environment };
    return { kind: 'machine', endpoint: await this.engineEndpoint(machine) };
  }
}
