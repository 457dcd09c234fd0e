import type { AnyDriver, InstanceStatus, MachineState } from '../../drivers/driver.js';
import { isTsmachineError } from '../../shared/errors.js';
import type { JsonObject } from '../../shared/json.js';
import { waitUntil } from '../../shared/wait-until.js';
import { openConnection, patienceOf, waitForConnection } from '../connection/connect.js';
import { driverOf, type MachineContext, type MachineDependencies } from '../dependencies.js';
import { endpointAt } from '../engine/engine-endpoint.js';
import { machineNotCreated } from '../errors.js';
import { addressOf, provisionOver, waitForAgent } from '../provision-machine.js';
import { writeKnownState } from '../store/known-state.js';
import type { MachineRecord } from '../store/record.js';
import { knownStatePath } from '../store/storage.js';
import { rebootOverSsh } from './reboot.js';

/** `changed: false` when it was so already. */
export interface PowerOutcome {
  readonly changed: boolean;
}

/** Returns when the agent answers. Throws MACHINE_NOT_FOUND, MACHINE_NOT_CREATED, and what the driver throws. */
export async function startMachine(
  deps: MachineDependencies,
  name: string,
  context: MachineContext,
): Promise<PowerOutcome> {
  await using _lock = await deps.store.lock(name, context.signal);
  const host = await hostOf(deps, name, context);
  if (host.status.state === 'running') {
    await remember(deps, name, 'running');
    await renewIfDue(deps, host, context);
    return { changed: false };
  }
  await powerOn(deps, host, context);
  return { changed: true };
}

/** Returns when the host is off. */
export async function stopMachine(
  deps: MachineDependencies,
  name: string,
  action: 'stop' | 'kill',
  context: MachineContext,
): Promise<PowerOutcome> {
  await using _lock = await deps.store.lock(name, context.signal);
  const host = await hostOf(deps, name, context);
  if (host.status.state === 'stopped') {
    await remember(deps, name, 'stopped');
    return { changed: false };
  }
  context.reporter.step(action === 'stop' ? `Stopping "${name}"` : `Killing "${name}"`);
  await powerOff(deps, host, action, context);
  return { changed: true };
}

/** A stopped machine is started. */
export async function restartMachine(
  deps: MachineDependencies,
  name: string,
  context: MachineContext,
): Promise<void> {
  await using _lock = await deps.store.lock(name, context.signal);
  const host = await hostOf(deps, name, context);
  if (host.driver.restart) {
    context.reporter.step(`Restarting "${name}"`);
    const instance = await host.driver.restart(host.instance, context);
    await serveAgain(deps, await saveInstance(deps, host.machine, instance), host.driver, context);
    return;
  }
  if (host.driver.rebootsOverSsh) {
    context.reporter.step(`Restarting "${name}"`);
    await rebootOverSsh(deps, host.machine, host.driver, context);
    await serveAgain(deps, host.machine, host.driver, context);
    return;
  }
  let current = host;
  if (host.status.state !== 'stopped') {
    context.reporter.step(`Stopping "${name}"`);
    current = await powerOff(deps, host, 'stop', context);
  }
  await powerOn(deps, current, context);
}

/** A machine with its driver, and what the driver said of it just now. */
export interface Host {
  readonly machine: MachineRecord;
  readonly driver: AnyDriver;
  readonly instance: JsonObject;
  readonly status: InstanceStatus;
}

/** Throws MACHINE_NOT_FOUND, MACHINE_NOT_CREATED. */
export async function hostOf(
  deps: MachineDependencies,
  name: string,
  context: MachineContext,
): Promise<Host> {
  const machine = await deps.store.load(name);
  const { instance } = machine.driver;
  if (instance === undefined) throw machineNotCreated(name);
  const driver = await driverOf(deps, machine);
  return { machine, driver, instance, status: await driver.inspect(instance, context) };
}

async function powerOn(deps: MachineDependencies, host: Host, context: MachineContext): Promise<void> {
  context.reporter.step(`Starting "${host.machine.name}"`);
  const instance = await host.driver.start(host.instance, context);
  await serveAgain(deps, await saveInstance(deps, host.machine, instance), host.driver, context);
}

async function powerOff(
  deps: MachineDependencies,
  host: Host,
  action: 'stop' | 'kill',
  context: MachineContext,
): Promise<Host> {
  const instance = await host.driver[action](host.instance, context);
  const machine = await saveInstance(deps, host.machine, instance);
  await remember(deps, machine.name, 'stopped');
  return { ...host, machine, instance };
}

export async function saveInstance(
  deps: MachineDependencies,
  machine: MachineRecord,
  instance: JsonObject,
): Promise<MachineRecord> {
  const changed: MachineRecord = { ...machine, driver: { ...machine.driver, instance } };
  await deps.store.save(changed);
  return changed;
}

export async function remember(deps: MachineDependencies, name: string, state: MachineState): Promise<void> {
  await writeKnownState(knownStatePath(deps.storage, name), { state, seenAt: deps.clock.now() });
}

/**
 * Most hosts start the agent as they boot. Where it does not answer soon after SSH does (no service manager, a new
 * address that the certificate does not name), provisioning over the same connection brings it back.
 */
export async function serveAgain(
  deps: MachineDependencies,
  machine: MachineRecord,
  driver: AnyDriver,
  context: MachineContext,
): Promise<void> {
  await remember(deps, machine.name, 'running');
  if (machine.phase !== 'ready') {
    context.reporter.warn(`"${machine.name}" is not provisioned: run "tsmachine provision ${machine.name}"`);
    return;
  }
  context.reporter.step(`Waiting for "${machine.name}" to answer`);
  const opened = await waitForConnection(deps, machine, driver, context);
  await using _connection = opened.connection;
  const isDue = await certificatesAreDue(deps, machine);
  if (!isDue && (await answersSoon(deps, opened.machine, driver, context))) return;
  if (machine.foreign) {
    await followForeignEngine(deps, opened.machine, driver, context);
    return;
  }
  await provisionOver(deps, opened, driver, context);
}

/** An engine of somebody else's comes up by itself; all that can be done is to note where it is now. */
async function followForeignEngine(
  deps: MachineDependencies,
  machine: MachineRecord,
  driver: AnyDriver,
  context: MachineContext,
): Promise<void> {
  const address = await addressOf(deps, machine, driver, context);
  await deps.store.save({ ...machine, address });
  await waitForAgent(deps, machine, address, patienceOf(machine, driver), context);
}

/** Of a machine that is up: its certificates are made anew long before they expire. No container notices. */
async function renewIfDue(
  deps: MachineDependencies,
  { machine, driver }: Host,
  context: MachineContext,
): Promise<void> {
  if (machine.phase !== 'ready' || !(await certificatesAreDue(deps, machine))) return;
  context.reporter.step(`Renewing the certificates of "${machine.name}"`);
  const opened = await openConnection(deps, machine, driver, context);
  await using _connection = opened.connection;
  await provisionOver(deps, opened, driver, context);
}

/** False where they are somebody else's to renew. */
async function certificatesAreDue(
  deps: MachineDependencies,
  { name, foreign }: MachineRecord,
): Promise<boolean> {
  if (foreign) return false;
  const expiry = await deps.certificates.expiry(deps.store.directory(name));
  return expiry?.isDue ?? false;
}

/** True when the agent answers at the address of the record within two seconds, of a host of usual speed. */
async function answersSoon(
  deps: MachineDependencies,
  machine: MachineRecord,
  driver: AnyDriver,
  context: MachineContext,
): Promise<boolean> {
  const { instance } = machine.driver;
  const address = instance && (await driver.inspect(instance, context)).address;
  if (machine.address === undefined || (address !== undefined && address !== machine.address)) return false;
  const endpoint = await endpointAt(deps, machine, machine.address);
  const timeoutMs = 2_000 * patienceOf(machine, driver);
  const ping = async (): Promise<true | undefined> => {
    await deps.engine.ping(endpoint, { timeoutMs, signal: context.signal });
    return true;
  };
  const patience = { what: 'the agent', timeoutMs, intervalMs: 100, clock: deps.clock };
  return waitUntil(
    () => ping().catch((error) => (isCertificateError(error) ? Promise.reject(error) : undefined)),
    { ...patience, signal: context.signal },
  ).catch(() => {
    context.signal.throwIfAborted();
    return false;
  });
}

function isCertificateError(error: unknown): boolean {
  return isTsmachineError(error) && error.code === 'CERTIFICATE_INVALID';
}
