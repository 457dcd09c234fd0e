import type { SshConnection } from '../../ssh/transport.js';
import { driverOf, type MachineContext, type MachineDependencies } from '../dependencies.js';
import { openConnection } from './connect.js';

/** As `openConnection`, and saves a host key that was seen for the first time. Closed by the caller. */
export async function connectByName(
  deps: MachineDependencies,
  name: string,
  context: MachineContext,
  user?: string,
): Promise<SshConnection> {
  const machine = await deps.store.load(name);
  const driver = await driverOf(deps, machine);
  const opened = await openConnection(deps, machine, driver, context, { user });
  if (opened.machine.hostKey !== machine.hostKey) await deps.store.save(opened.machine);
  return opened.connection;
}
