import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultOptions } from '../../../../src/cli/driver-flags.js';
import type { CreateContext, OperationContext } from '../../../../src/drivers/driver.js';
import { Ec2Driver } from '../../../../src/drivers/ec2/driver.js';
import { ec2 } from '../../../../src/drivers/ec2/index.js';
import type { Ec2Instance } from '../../../../src/drivers/ec2/instance.js';
import type { Ec2Options } from '../../../../src/drivers/ec2/options.js';
import { silentReporter } from '../../../../src/shared/reporter.js';
import { type Ec2Server, startEc2Server } from '../../../support/ec2/server.js';

/** A driver that asks often, and a cloud on paper for it. */
export interface Laboratory extends AsyncDisposable {
  readonly driver: Ec2Driver;
  readonly server: Ec2Server;
  readonly checkpoints: Ec2Instance[];
  options(changes?: Partial<Ec2Options>): Ec2Options;
  context(signal?: AbortSignal): OperationContext;
  createContext(name?: string, signal?: AbortSignal): CreateContext<Ec2Instance>;
  create(changes?: Partial<Ec2Options>, name?: string): Promise<Ec2Instance>;
}

export async function openLaboratory(): Promise<Laboratory> {
  const directory = await mkdtemp(join(tmpdir(), 'tsm-ec2-'));
  const server = await startEc2Server();
  const driver = new Ec2Driver(5);
  const checkpoints: Ec2Instance[] = [];
  const context = (signal = AbortSignal.timeout(60_000)) => ({
    signal,
    reporter: silentReporter,
    secrets: { get: async (option: string) => secretsOf(server)[option] },
  });
  const createContext = (name = 'web', signal?: AbortSignal) => ({
    ...context(signal),
    machineName: name,
    directory,
    ownerTag: `tsmachine-store-${name}-1`,
    checkpoint: async (instance: Ec2Instance) => void checkpoints.push(instance),
  });
  const options = (changes: Partial<Ec2Options> = {}) => ({ ...optionsFor(server), ...changes });
  return {
    driver,
    server,
    checkpoints,
    options,
    context,
    createContext,
    create: (changes, name) => driver.create(options(changes), createContext(name)),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The defaults, and where the test's cloud is. */
export function optionsFor(server: Ec2Server): Ec2Options {
  const options = {
    ...defaultOptions(ec2, {}),
    region: 'us-east-1',
    endpoint: server.url,
    'caller-address-url': server.callerAddressUrl,
  };
  // The schema's own defaults, as the CLI takes them.
  return options as unknown as Ec2Options;
}

export function secretsOf({ account }: Ec2Server): Readonly<Record<string, string>> {
  return { 'access-key': account.accessKeyId, 'secret-key': account.secretAccessKey };
}
