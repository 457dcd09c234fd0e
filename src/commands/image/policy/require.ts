import { readFile } from 'node:fs/promises';
import { Args, Flags } from '@oclif/core';
import { readImagePolicy, writeImagePolicy } from '../../../api/client/image-policy.js';
import { EngineCommand, machineFlag } from '../../../cli/docker/engine-command.js';
import { fileUnreadable } from '../../../cli/docker/errors.js';
import { withSignatureRule } from '../../../cli/image-policy/require-signature.js';

export default class ImagePolicyRequire extends EngineCommand {
  static override summary = 'Let a machine take images of a registry or repository only when they are signed';
  static override description =
    "Signatures are cosign's, by one of the keys. Pulls, builds and containers are refused what is not signed.";
  static override examples = [
    '<%= config.bin %> image policy require registry.example.com/team --key cosign.pub',
    `<%= config.bin %> image policy require '*.example.com' --key old.pub --key new.pub -m web`,
  ];
  static override args = {
    scope: Args.string({
      description: 'REGISTRY[/REPOSITORY], or *.DOMAIN',
      required: true,
      ignoreStdin: true,
    }),
  };
  static override flags = {
    ...machineFlag,
    key: Flags.string({
      ...{ description: 'file with a public key; any of them will do', helpValue: 'FILE' },
      ...{ required: true, multiple: true, multipleNonGreedy: true },
    }),
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(ImagePolicyRequire);
    const keys = await Promise.all(flags.key.map(async (path) => ({ path, text: await readKey(path) })));
    using client = await this.engineClient(flags.machine);
    const policy = withSignatureRule(await readImagePolicy(client, this.signal), { scope: args.scope, keys });
    await writeImagePolicy(client, policy, this.signal);
    return JSON.parse(policy);
  }
}

async function readKey(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch((cause) => {
    throw fileUnreadable(path, cause);
  });
}
