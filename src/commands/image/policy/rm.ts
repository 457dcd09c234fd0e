import { writeImagePolicy } from '../../../api/client/image-policy.js';
import { EngineCommand, machineFlag } from '../../../cli/docker/engine-command.js';

export default class ImagePolicyRm extends EngineCommand {
  static override summary = 'Let a machine take every image again';
  static override description =
    'Removes the policy from the machine. It holds at once; images that were refused can be pulled.';
  static override examples = [
    '<%= config.bin %> image policy rm',
    '<%= config.bin %> image policy rm -m web',
  ];
  static override flags = machineFlag;

  async run(): Promise<void> {
    const { flags } = await this.parse(ImagePolicyRm);
    using client = await this.engineClient(flags.machine);
    await writeImagePolicy(client, undefined, this.signal);
  }
}
