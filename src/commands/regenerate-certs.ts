import { Flags } from '@oclif/core';
import { confirm } from '../cli/confirm.js';
import { MachineCommand, type MachineOutcome, machineArguments } from '../cli/machine-command.js';
import { TsmachineError } from '../shared/errors.js';

export default class RegenerateCerts extends MachineCommand {
  static override summary = 'Give machines new certificates';
  static override description =
    'The agent takes them up without a restart, so that no container and no open connection notices. They are also made anew by "start", "restart" and "provision" when two thirds of their life are over.';
  static override examples = [
    '<%= config.bin %> regenerate-certs -f web',
    '<%= config.bin %> regenerate-certs -f --client-certs web db',
  ];
  static override args = machineArguments;
  static override strict = false;
  static override flags = {
    force: Flags.boolean({ char: 'f', description: 'do not ask' }),
    'client-certs': Flags.boolean({
      description: 'also the certificate that clients show, for all machines',
    }),
  };

  async run(): Promise<readonly MachineOutcome<void>[]> {
    const { argv, flags } = await this.parse(RegenerateCerts);
    const names = this.machineNames(argv);
    if (!flags.force && !(await this.isConfirmed(names))) {
      this.logToStderr('nothing was changed');
      return this.exit(1);
    }
    for (const name of names) await this.machines.assertExists(name);
    if (flags['client-certs']) await this.machines.renewClientCertificate(this.context());
    const outcomes = await this.forEachMachine(names, (name, context) =>
      this.machines.regenerateCertificates(name, context),
    );
    this.reporter.close('done');
    for (const { machine } of outcomes) this.log(`machine "${machine}" has new certificates`);
    return outcomes;
  }

  private async isConfirmed(names: readonly string[]): Promise<boolean> {
    if (!process.stdin.isTTY) throw forceNeeded();
    return confirm(`Make the certificates of ${names.join(', ')} anew. Are you sure?`, this.signal);
  }
}

function forceNeeded(): TsmachineError {
  return new TsmachineError(
    'conflict',
    'CONFIRMATION_NEEDED',
    'will not make certificates anew without being asked to',
    { hints: ['there is no terminal to ask on: add --force'] },
  );
}
