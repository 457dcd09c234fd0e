import type { AnyDriver } from '../../drivers/driver.js';
import type { MachineContext } from '../dependencies.js';
import type { MachineRecord } from '../store/record.js';

/**
 * Removes at the provider all that was made for the machine. A creation that was killed may have made something that
 * its record does not know yet: the owner tag finds it, where the driver can look for tags.
 */
export async function removeMade(
  machine: MachineRecord,
  driver: AnyDriver,
  context: MachineContext,
): Promise<void> {
  const { instance, options } = machine.driver;
  if (instance !== undefined) await driver.remove(instance, context);
  if (machine.phase !== 'creating' || !driver.findOwned) return;
  const found = await driver.findOwned(options, machine.ownerTag, context);
  for (const resource of found.filter(({ ownerTag }) => ownerTag === machine.ownerTag)) {
    await driver.removeOwned?.(options, resource, context);
  }
}
