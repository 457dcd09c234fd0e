import type { AnyDriver } from '../../drivers/driver.js';
import type { SshEndpoint } from '../../ssh/transport.js';
import { driverOf, type MachineContext, type MachineDependencies } from '../dependencies.js';
import type { MachineRecord } from '../store/record.js';
import { jumpHostKeysPath } from '../store/storage.js';
import { openConnection, pinnedKeyOf, sshEndpointOf } from './connect.js';
import { knownJumpHostKey } from './jump-host-keys.js';

export interface KnownHost {
  readonly endpoint: SshEndpoint;
  /** In OpenSSH form, "ssh-ed25519 AAAA…"; empty where none is known. */
  readonly hostKey: string;
}

/** What another SSH client needs to reach the machine's host, and to know that it is the right one. */
export interface SshTarget extends KnownHost {
  /** The machine's. */
  readonly name: string;
  /** The jump hosts on the way to it, in order. */
  readonly hops: readonly KnownHost[];
}

/** Hosts that were never connected to are, so that their keys are known. Throws what `openConnection` throws. */
export async function sshTarget(
  deps: MachineDependencies,
  name: string,
  context: MachineContext,
): Promise<SshTarget> {
  const machine = await deps.store.load(name);
  const driver = await driverOf(deps, machine);
  const known = await targetOf(deps, machine, driver);
  if ([known, ...known.hops].every(({ hostKey }) => hostKey !== '')) return known;
  const opened = await openConnection(deps, machine, driver, context);
  await opened.connection[Symbol.asyncDispose]();
  await deps.store.save(opened.machine);
  return targetOf(deps, opened.machine, driver);
}

async function targetOf(
  deps: MachineDependencies,
  machine: MachineRecord,
  driver: AnyDriver,
): Promise<SshTarget> {
  const endpoint = sshEndpointOf(deps, machine, driver);
  const path = jumpHostKeysPath(deps.storage);
  const hops = (endpoint.jumpHosts ?? []).map(async (hop) => ({
    endpoint: hop,
    hostKey: (await knownJumpHostKey(path, hop)) ?? '',
  }));
  return {
    name: machine.name,
    endpoint,
    hostKey: pinnedKeyOf(machine, driver) ?? '',
    hops: await Promise.all(hops),
  };
}
