import type { SshEndpoint } from '../../ssh/transport.js';
import { driverOf, type MachineContext, type MachineDependencies } from '../dependencies.js';
import { openConnection, pinnedKeyOf, sshEndpointOf } from './connect.js';

/** What another SSH client needs to reach the machine's host, and to know that it is the right one. */
export interface SshTarget {
  readonly endpoint: SshEndpoint;
  /** In OpenSSH form, "ssh-ed25519 AAAA…". */
  readonly hostKey: string;
}

/** A host that was never connected to is, so that its key is known. Throws what `openConnection` throws. */
export async function sshTarget(
  deps: MachineDependencies,
  name: string,
  context: MachineContext,
): Promise<SshTarget> {
  const machine = await deps.store.load(name);
  const driver = await driverOf(deps, machine);
  const endpoint = sshEndpointOf(deps, machine, driver);
  const known = pinnedKeyOf(machine, driver);
  if (known !== undefined) return { endpoint, hostKey: known };
  const opened = await openConnection(deps, machine, driver, context);
  await opened.connection[Symbol.asyncDispose]();
  await deps.store.save(opened.machine);
  return { endpoint, hostKey: pinnedKeyOf(opened.machine, driver) ?? '' };
}
