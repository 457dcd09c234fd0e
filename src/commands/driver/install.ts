import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.js';
import { DriverPackages, type InstalledPackage } from '../../cli/driver-packages.js';

export default class DriverInstall extends BaseCommand {
  static override summary = "Add the drivers of a third party's package";
  static override description =
    `The package is installed with npm, without its install scripts, in your data directory. Its code runs as you
when one of its drivers is used: install only what you trust.`;
  static override examples = [
    '<%= config.bin %> driver install tsmachine-driver-rack',
    '<%= config.bin %> driver install ./my-driver',
  ];
  static override args = {
    package: Args.string({ required: true, description: 'npm package, directory or tarball' }),
  };

  async run(): Promise<InstalledPackage> {
    const { args } = await this.parse(DriverInstall);
    this.reporter.step(`Installing ${args.package}`);
    const installed = await new DriverPackages(this.config.dataDir).install(args.package, this.signal);
    this.reporter.close('done');
    for (const driver of installed.drivers) this.log(`driver "${driver}" of ${installed.package} is there`);
    return installed;
  }
}
