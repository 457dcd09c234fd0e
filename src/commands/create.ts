import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.js';
import { chosenDriver, defaultDriver, driverFlags, driverOptions } from '../cli/driver-flags.js';
import { repeatable } from '../cli/flags.js';
import type { EngineOptions, MachineRecord } from '../machine/record.js';

export default class Create extends BaseCommand {
  static override summary = 'Make a machine: a host that serves the Docker API';
  static override description =
    'A machine is made by a driver, which has flags of its own: "create --driver DRIVER --help" shows them.';
  static override examples = [
    { description: 'A sandbox on this machine', command: '<%= config.bin %> create web' },
    {
      description: 'A Linux host that you can log in to',
      command: '<%= config.bin %> create --driver ssh --ssh-host 192.0.2.7 web',
    },
  ];
  static override args = { name: Args.string({ required: true, description: 'name of the new machine' }) };
  static override flags = {
    driver: Flags.string({
      char: 'd',
      description: `what makes the host [default: ${defaultDriver}; env: TSMACHINE_DRIVER, MACHINE_DRIVER]`,
    }),
    'tls-san': repeatable('one more name or address for the certificate'),
    'engine-label': repeatable('label of the engine, KEY=VALUE'),
    'engine-insecure-registry': repeatable('registry to trust without TLS'),
    'engine-registry-mirror': repeatable('mirror of Docker Hub to pull from'),
  };

  async run(): Promise<MachineRecord> {
    const drivers = await this.services.drivers();
    const definition = await drivers.get(chosenDriver(this.argv, this.environment));
    const ofDriver = driverFlags(definition, this.environment);
    const { args, flags } = await this.parse({
      args: Create.args,
      baseFlags: Create.baseFlags,
      enableJsonFlag: true,
      flags: { ...Create.flags, ...ofDriver },
    });
    const options = driverOptions(definition, flags);
    const request = {
      name: args.name,
      driver: definition.name,
      driverOptions: options,
      engine: engineOptions(flags),
    };
    const machine = await this.machines.create(request, this.context());
    this.reporter.close('done');
    this.log(`machine "${machine.name}" is ready`);
    this.log(`  › eval "$(tsmachine env ${machine.name})" to work on it in this shell`);
    this.log(`  › tsmachine use ${machine.name} to make it the active machine`);
    return machine;
  }
}

interface EngineFlags {
  readonly 'engine-label': readonly string[] | undefined;
  readonly 'engine-insecure-registry': readonly string[] | undefined;
  readonly 'engine-registry-mirror': readonly string[] | undefined;
  readonly 'tls-san': readonly string[] | undefined;
}

function engineOptions(flags: EngineFlags): EngineOptions {
  return {
    port: 2376,
    labels: flags['engine-label'] ?? [],
    insecureRegistries: flags['engine-insecure-registry'] ?? [],
    registryMirrors: flags['engine-registry-mirror'] ?? [],
    tlsSans: flags['tls-san'] ?? [],
  };
}
