import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { confirm } from '../cli/confirm.js';
import { driverFlags, driverOptions, namedDriver } from '../cli/driver-flags.js';
import { adoptionNotConfirmed } from '../cli/errors.js';
import { renderTable } from '../cli/table.js';
import type { AdoptionPlan } from '../machine/create/adopt-machine.js';
import type { CreateMachineRequest } from '../machine/create/create-machine.js';

export default class Adopt extends BaseCommand {
  static override summary = 'Take a host that serves already as a machine';
  static override description =
    'Looks first, shows what would be done, and asks. Nothing on the host is renamed, reinstalled or restarted, and whoever used it still can.';
  static override examples = [
    '<%= config.bin %> adopt web --ssh-host 192.0.2.7',
    '<%= config.bin %> adopt web --ssh-host 192.0.2.7 --dry-run',
  ];
  static override args = { name: Args.string({ required: true, description: 'name of the new machine' }) };
  static override flags = {
    driver: Flags.string({ char: 'd', description: 'how the host is reached [default: ssh]' }),
    'dry-run': Flags.boolean({ description: 'show what would be done' }),
    yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
  };

  async run(): Promise<AdoptionPlan> {
    const drivers = await this.services.drivers();
    const definition = await drivers.get(namedDriver(this.argv) ?? 'ssh');
    const { args, flags } = await this.parse({
      args: Adopt.args,
      baseFlags: Adopt.baseFlags,
      enableJsonFlag: true,
      flags: { ...Adopt.flags, ...driverFlags(definition, this.environment) },
    });
    const request: CreateMachineRequest = {
      name: args.name,
      driver: definition.name,
      driverOptions: driverOptions(definition, flags),
      engine: { port: 2376, labels: [], insecureRegistries: [], registryMirrors: [], tlsSans: [] },
    };
    const plan = await this.machines.planAdoption(request, this.context());
    this.reporter.close('done');
    this.print(planTable(plan));
    if (flags['dry-run']) return plan;
    if (!flags.yes && !(await this.isConfirmed(args.name))) {
      this.logToStderr('nothing was changed');
      return this.exit(1);
    }
    await this.machines.adopt(request, plan, this.context());
    this.reporter.close('done');
    this.log(`machine "${args.name}" is ready`);
    return plan;
  }

  private async isConfirmed(name: string): Promise<boolean> {
    if (!process.stdin.isTTY) throw adoptionNotConfirmed(name);
    return confirm(`Adopt it as "${name}"?`, this.signal);
  }
}

function planTable({ host, kind, changes, kept }: AdoptionPlan): string {
  const engine =
    kind === 'agent' ? `our agent on port ${host.agent?.port}` : `Docker ${host.docker?.version}`;
  return renderTable([
    ['HOST', `${host.hostname}, ${host.operatingSystem}, ${host.architecture}`],
    ['ENGINE', engine],
    ...changes.map((change, index) => [index === 0 ? 'WILL' : '', change]),
    ['KEEPS', kept.join(', ')],
  ]);
}
