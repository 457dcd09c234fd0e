import { readFile } from 'node:fs/promises';
import { Args } from '@oclif/core';
import { writeImagePolicy } from '../../../api/client/image-policy.js';
import { EngineCommand, machineFlag } from '../../../cli/docker/engine-command.js';
import { fileUnreadable } from '../../../cli/docker/errors.js';

export default class ImagePolicySet extends EngineCommand {
  static override summary = 'Give a machine a policy of which images it lets in';
  static override description =
    'A file of containers-policy.json(5). What the machine does not understand it refuses, and keeps the old one. It holds at once.';
  static override examples = [
    '<%= config.bin %> image policy set policy.json',
    '<%= config.bin %> image policy set -m web policy.json',
  ];
  static override args = {
    file: Args.string({ description: 'the policy', required: true, ignoreStdin: true }),
  };
  static override flags = machineFlag;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(ImagePolicySet);
    const text = await readFile(args.file, 'utf8').catch((cause) => {
      throw fileUnreadable(args.file, cause);
    });
    using client = await this.engineClient(flags.machine);
    await writeImagePolicy(client, text, this.signal);
  }
}
