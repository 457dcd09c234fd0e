import type { AnyDriver, AnyDriverDefinition, SecretReader } from '../drivers/driver.js';
import type { HostAccess } from '../provision/host-access.js';
import type { Provisioner } from '../provision/provisioner.js';
import type { SecretVault } from '../secrets/secret-vault.js';
import type { Clock } from '../shared/clock.js';
import type { Reporter } from '../shared/reporter.js';
import type { SshTransport } from '../ssh/transport.js';
import { withSecrets } from './bound-driver.js';
import type { Certificates } from './certificates.js';
import type { EngineProbe } from './engine/engine-client.js';
import { secretsGiven, secretsOf } from './secrets/secret-readers.js';
import type { MachineStore } from './store/machine-store.js';
import type { MachineRecord } from './store/record.js';

/** The drivers by name or alias. */
export interface DriverCatalog {
  /** Throws DRIVER_NOT_FOUND. */
  get(name: string): Promise<AnyDriverDefinition>;
}

export interface AskOptions {
  /** Show what is typed. */
  readonly echo: boolean;
  /** What was answered before was wrong. */
  readonly again: boolean;
  readonly signal: AbortSignal;
}

/** Asks the user for a secret; the same question only once. Undefined where there is nobody to ask. */
export interface SecretPrompt {
  ask(question: string, options: AskOptions): Promise<string | undefined>;
}

/** What the use cases need; whatever is costly to import is loaded when first asked for. */
export interface MachineDependencies {
  /** Absolute path of the store. */
  readonly storage: string;
  readonly store: MachineStore;
  readonly certificates: Certificates;
  readonly engine: EngineProbe;
  readonly clock: Clock;
  readonly secrets: SecretVault;
  readonly prompt: SecretPrompt;
  readonly environment: NodeJS.ProcessEnv;
  drivers(): Promise<DriverCatalog>;
  transport(): Promise<SshTransport>;
  provisioner(): Promise<Provisioner>;
  hostAccess(): Promise<HostAccess>;
}

/** Of one call of a use case. */
export interface MachineContext {
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
}

/** Without `secrets` the driver has those of the environment. Throws DRIVER_NOT_FOUND. */
export async function loadDriver(
  deps: MachineDependencies,
  name: string,
  secrets = (definition: AnyDriverDefinition): SecretReader => secretsGiven(deps, {}, definition),
): Promise<AnyDriver> {
  const drivers = await deps.drivers();
  const definition = await drivers.get(name);
  return withSecrets(await definition.load(), secrets(definition));
}

/** The driver as it works on this machine. Throws DRIVER_NOT_FOUND. */
export function driverOf(deps: MachineDependencies, machine: MachineRecord): Promise<AnyDriver> {
  return loadDriver(deps, machine.driver.name, (definition) => secretsOf(deps, machine, definition));
}
