import type { MachineContext, MachineDependencies } from '../dependencies.js';
import { driverCannot, hostNotRunning } from '../errors.js';
import { machineNotSuspended } from './errors.js';
import { hostOf, type PowerOutcome, remember, saveInstance, serveAgain } from './power.js';

/**
 * Keeps the host's memory and frees its processors; containers stand still with it.
 * Throws DRIVER_CANNOT, MACHINE_NOT_RUNNING, MACHINE_NOT_CREATED, and what the driver throws.
 */
export async function suspendMachine(
  deps: MachineDependencies,
  name: string,
  context: MachineContext,
): Promise<PowerOutcome> {
  await using _lock = await deps.store.lock(name, context.signal);
  const { machine, driver, instance, status } = await hostOf(deps, name, context);
  if (!driver.suspend || !driver.resume) throw driverCannot(machine.driver.name, 'suspend a host');
  if (isSuspended(status.state)) return { changed: false };
  if (status.state !== 'running') throw hostNotRunning(name);
  context.reporter.step(`Suspending "${name}"`);
  const suspended = await driver.suspend(instance, context);
  await saveInstance(deps, machine, suspended);
  await remember(deps, name, (await driver.inspect(suspended, context)).state);
  return { changed: true };
}

/** Returns when the agent answers again. Throws as `suspendMachine` does. */
export async function resumeMachine(
  deps: MachineDependencies,
  name: string,
  context: MachineContext,
): Promise<PowerOutcome> {
  await using _lock = await deps.store.lock(name, context.signal);
  const { machine, driver, instance, status } = await hostOf(deps, name, context);
  if (!driver.suspend || !driver.resume) throw driverCannot(machine.driver.name, 'resume a host');
  if (status.state === 'running') return { changed: false };
  if (!isSuspended(status.state)) throw machineNotSuspended(name);
  context.reporter.step(`Resuming "${name}"`);
  const resumed = await saveInstance(deps, machine, await driver.resume(instance, context));
  await serveAgain(deps, resumed, driver, context);
  return { changed: true };
}

function isSuspended(state: string): boolean {
  return state === 'paused' || state === 'saved';
}
