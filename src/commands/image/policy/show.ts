import { readImagePolicy } from '../../../api/client/image-policy.js';
import { EngineCommand, machineFlag } from '../../../cli/docker/engine-command.js';

export default class ImagePolicyShow extends EngineCommand {
  static override summary = 'Print which images a machine lets in';
  static override description = 'A policy of containers-policy.json(5); nothing when there is none.';
  static override examples = [
    '<%= config.bin %> image policy show',
    '<%= config.bin %> image policy show -m web',
  ];
  static override flags = machineFlag;

  async run(): Promise<object | null> {
    const { flags } = await this.parse(ImagePolicyShow);
    using client = await this.engineClient(flags.machine);
    const text = await readImagePolicy(client, this.signal);
    if (text === undefined) {
      this.reporter.info('there is no policy: every image is let in');
      return null;
    }
    this.print(text.endsWith('\n') ? text : `${text}\n`);
    return JSON.parse(text);
  }
}
