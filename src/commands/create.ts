import { Args, Flags } from '@oclif/core';
import {
  chosenDriver,
  defaultDriver,
  driverFlags,
  driverOptions,
  driverSecrets,
} from '../cli/driver-flags.js';
import { engineFlags, engineOptions } from '../cli/engine-flags.js';
import { MachineCommand } from '../cli/machine-command.js';
import { expandNames } from '../cli/name-pattern.js';
import type { MachineContext } from '../machine/dependencies.js';
import type { MachineRecord } from '../machine/store/record.js';

export default class Create extends MachineCommand {
  static override summary = 'Make machines: hosts that serve the Docker API';
  static override description =
    'A machine is made by a driver, which has flags of its own: "create --driver DRIVER --help" shows them. Several are made at once; when one fails, the others still are.';
  static override examples = [
    { description: 'A sandbox on this machine', command: '<%= config.bin %> create web' },
    {
      description: 'A Linux host that you can log in to',
      command: '<%= config.bin %> create --driver ssh --ssh-host 192.0.2.7 web',
    },
    { description: 'web-1 to web-8, four at a time', command: '<%= config.bin %> create --count 8 web-{n}' },
    { description: 'Finish what was interrupted', command: '<%= config.bin %> create --resume web' },
  ];
  static override args = { name: Args.string({ required: true, description: 'names of the new machines' }) };
  static override strict = false;
  static override flags = {
    driver: Flags.string({
      char: 'd',
      description: `what makes the host [default: ${defaultDriver}; env: TSMACHINE_DRIVER, MACHINE_DRIVER]`,
    }),
    count: Flags.integer({
      min: 1,
      max: 1000,
      description: 'make so many, NAME being a pattern such as web-{n}',
    }),
    parallel: Flags.integer({ default: 4, min: 1, description: 'how many to make at a time' }),
    resume: Flags.boolean({ description: 'finish machines whose creation failed or was interrupted' }),
    ...engineFlags,
  };

  async run(): Promise<MachineRecord | readonly MachineRecord[]> {
    if (this.argv.includes('--resume')) return this.resume();
    const drivers = await this.services.drivers();
    const definition = await drivers.get(chosenDriver(this.argv, this.environment));
    const ofDriver = driverFlags(definition, this.environment);
    const { argv, flags } = await this.parse({
      args: Create.args,
      strict: false,
      baseFlags: Create.baseFlags,
      enableJsonFlag: true,
      flags: { ...Create.flags, ...ofDriver },
    });
    const driverOptionValues = driverOptions(definition, flags);
    const secrets = driverSecrets(definition, flags);
    const engine = engineOptions(flags, this.environment);
    const names = expandNames(this.machineNames(argv), flags.count);
    return this.make(names, flags.parallel, (name, context) =>
      this.machines.create(
        { name, driver: definition.name, driverOptions: driverOptionValues, secrets, engine },
        context,
      ),
    );
  }

  /** Driver and options are those of the record: flags for them are refused. */
  private async resume(): Promise<MachineRecord | readonly MachineRecord[]> {
    const { resume, parallel, count } = Create.flags;
    const { argv, flags } = await this.parse({
      args: Create.args,
      strict: false,
      baseFlags: Create.baseFlags,
      enableJsonFlag: true,
      flags: { resume, parallel, count },
    });
    const names = expandNames(this.machineNames(argv), flags.count);
    return this.make(names, flags.parallel, (name, context) => this.machines.resumeCreation(name, context));
  }

  /** Each machine is told of as soon as it is ready, whatever becomes of the others. */
  private async make(
    names: readonly string[],
    parallel: number,
    work: (name: string, context: MachineContext) => Promise<MachineRecord>,
  ): Promise<MachineRecord | readonly MachineRecord[]> {
    const outcomes = await this.forEachMachine(
      names,
      async (name, context) => {
        const machine = await work(name, context);
        if (names.length === 1) this.reporter.close('done');
        this.log(`machine "${name}" is ready`);
        return machine;
      },
      parallel,
    );
    const machines = outcomes.map(({ result }) => result);
    const [first] = machines;
    if (first === undefined || machines.length > 1) return machines;
    this.log(`  › eval "$(tsmachine env ${first.name})" to work on it in this shell`);
    this.log(`  › tsmachine use ${first.name} to make it the active machine`);
    return first;
  }
}
