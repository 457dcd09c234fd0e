import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { DriverPackages } from '../../cli/driver-packages.js';

export default class DriverRm extends BaseCommand {
  static override summary = "Remove a third party's package of drivers";
  static override description =
    'Machines made with its drivers stay in the list, but can be used again only when it is back.';
  static override examples = [
    '<%= config.bin %> driver rm tsmachine-driver-rack',
    '<%= config.bin %> driver ls && <%= config.bin %> driver rm tsmachine-driver-rack',
  ];
  static override args = {
    package: Args.string({ required: true, description: 'package as shown by "driver ls"' }),
  };

  async run(): Promise<{ readonly removed: string }> {
    const { args } = await this.parse(DriverRm);
    await new DriverPackages(this.config.dataDir).remove(args.package, this.signal);
    this.log(`package "${args.package}" is removed`);
    return { removed: args.package };
  }
}
