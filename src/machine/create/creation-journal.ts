import { mkdir } from 'node:fs/promises';
import type { AnyDriver } from '../../drivers/driver.js';
import { isTsmachineError } from '../../shared/errors.js';
import type { JsonObject } from '../../shared/json.js';
import type { MachineContext, MachineDependencies } from '../dependencies.js';
import { forgetSecrets } from '../secrets/machine-secrets.js';
import type { MachineRecord } from '../store/record.js';

/** The record while the machine is being made. */
export class CreationJournal {
  readonly #deps: MachineDependencies;
  machine: MachineRecord;

  constructor(deps: MachineDependencies, machine: MachineRecord) {
    this.#deps = deps;
    this.machine = machine;
  }

  get directory(): string {
    return this.#deps.store.directory(this.machine.name);
  }

  async begin(): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    await this.#deps.store.save(this.machine);
  }

  async checkpoint(instance: JsonObject): Promise<void> {
    const { engine, driver } = this.machine;
    // Where the host serves the API may be the driver's to say, as with docker-machine's --generic-engine-port.
    const port = typeof instance['enginePort'] === 'number' ? instance['enginePort'] : engine.port;
    this.machine = { ...this.machine, driver: { ...driver, instance }, engine: { ...engine, port } };
    await this.#deps.store.save(this.machine);
  }

  /** From here on `provision` can finish the work. */
  async hostMade(instance: JsonObject): Promise<void> {
    this.machine = { ...this.machine, phase: 'provisioning' };
    await this.checkpoint(instance);
  }

  /** Removes the record where there is nothing that it would be needed for. True when it was kept. */
  async close(driver: AnyDriver, error: unknown, context: MachineContext): Promise<boolean> {
    const madeNothing = this.machine.driver.instance === undefined;
    const touchedNothing = driver.controlsPower === false && wasRefused(error);
    if (!madeNothing && !touchedNothing) return true;
    await forgetSecrets(
      this.#deps,
      await this.#deps.store.load(this.machine.name).catch(() => this.machine),
      context,
    );
    await this.#deps.store.remove(this.machine.name);
    return false;
  }
}

/** The host was not ours to make, and either could not be entered or was found unfit before anything was done. */
function wasRefused(error: unknown): boolean {
  if (!isTsmachineError(error)) return false;
  return refusals.has(error.code);
}

const refusals = new Set([
  'SSH_UNREACHABLE',
  'SSH_AUTHENTICATION_FAILED',
  'SSH_HOST_KEY_CHANGED',
  'OS_NOT_SUPPORTED',
  'SUDO_REQUIRED',
  'SUDO_PASSWORD_WRONG',
  'NO_SPACE',
]);
