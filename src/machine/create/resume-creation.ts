import type { AnyDriver } from '../../drivers/driver.js';
import { driverOf, type MachineContext, type MachineDependencies } from '../dependencies.js';
import type { MachineRecord } from '../store/record.js';
import { newOwnerTag } from '../store/store-identity.js';
import { finishMachine, makeMachine } from './create-machine.js';
import { removeMade } from './remove-made.js';

/**
 * Finishes a creation that failed or was killed. A host that was made is used as it is; one that was only begun is
 * removed and made again with the options of the record. A machine that is ready is returned as it is.
 * Throws what `createMachine` throws.
 */
export async function resumeCreation(
  deps: MachineDependencies,
  name: string,
  context: MachineContext,
): Promise<MachineRecord> {
  await using _lock = await deps.store.lock(name, context.signal);
  const machine = await deps.store.load(name);
  if (machine.phase === 'ready') return machine;
  const driver = await driverOf(deps, machine);
  if (await isUsable(machine, driver, context)) {
    return await finishMachine(deps, driver, await poweredOn(deps, machine, driver, context), context);
  }
  context.reporter.step(`Removing what was begun of "${name}"`);
  await removeMade(machine, driver, context);
  const blank = { ...machine, phase: 'creating', driver: withoutInstance(machine) } as const;
  // Another tag than before: a provider may still show for a while what was just removed.
  const record = { ...blank, ownerTag: await newOwnerTag(deps.storage, name) };
  return await makeMachine(deps, driver, record, context);
}

/** The host was completely made and is still there. */
async function isUsable(
  { phase, driver: { instance } }: MachineRecord,
  driver: AnyDriver,
  context: MachineContext,
): Promise<boolean> {
  if (phase === 'creating' || instance === undefined) return false;
  return (await driver.inspect(instance, context)).state !== 'error';
}

async function poweredOn(
  deps: MachineDependencies,
  machine: MachineRecord,
  driver: AnyDriver,
  context: MachineContext,
): Promise<MachineRecord> {
  const { instance } = machine.driver;
  if (instance === undefined || (await driver.inspect(instance, context)).state !== 'stopped') return machine;
  context.reporter.step(`Starting "${machine.name}"`);
  const started = await driver.start(instance, context);
  const current = { ...machine, driver: { ...machine.driver, instance: started } };
  await deps.store.save(current);
  return current;
}

function withoutInstance({ driver: { name, options } }: MachineRecord): MachineRecord['driver'] {
  return { name, options };
}
