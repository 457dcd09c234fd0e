import { Args } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { registryServer } from '../cli/registry/registry-server.js';

export default class Logout extends BaseCommand {
  static override summary = 'Forget the login of a registry';
  static override description =
    "From wherever login has put it. A login that is in docker's own file stays there: docker logout removes it.";
  static override examples = [
    '<%= config.bin %> logout registry.example.com',
    '<%= config.bin %> logout   # Docker Hub',
  ];
  static override args = {
    server: Args.string({ description: 'REGISTRY[:PORT]; else Docker Hub', ignoreStdin: true }),
  };

  async run(): Promise<{ readonly registry: string; readonly removed: boolean }> {
    const { args } = await this.parse(Logout);
    const registry = registryServer(args.server ?? '');
    const removed = await this.services.logins.delete(registry, this.signal);
    this.log(removed ? `Removed the login of ${registry}` : `Not logged in to ${registry}`);
    return { registry, removed };
  }
}
