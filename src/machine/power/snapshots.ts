import type { Snapshot, SnapshotControl } from '../../drivers/driver.js';
import type { JsonObject } from '../../shared/json.js';
import type { MachineContext, MachineDependencies } from '../dependencies.js';
import { driverCannot } from '../errors.js';
import { snapshotNameInvalid } from './errors.js';
import { type Host, hostOf, remember, serveAgain } from './power.js';

export type { Snapshot };

/** The oldest first. Throws DRIVER_CANNOT where the driver has no snapshots, as all of these do. */
export async function listSnapshots(
  deps: MachineDependencies,
  name: string,
  context: MachineContext,
): Promise<readonly Snapshot[]> {
  const host = await hostOf(deps, name, context);
  const snapshots = await snapshotsOf(host).list(host.instance, context);
  return snapshots.toSorted((left, right) => Date.parse(left.createdAt) - Date.parse(right.createdAt));
}

/** Throws SNAPSHOT_EXISTS. */
export async function createSnapshot(
  deps: MachineDependencies,
  name: string,
  snapshot: string,
  context: MachineContext,
): Promise<void> {
  assertSnapshotName(snapshot);
  await using _lock = await deps.store.lock(name, context.signal);
  const host = await hostOf(deps, name, context);
  const control = snapshotsOf(host);
  context.reporter.step(`Making snapshot "${snapshot}" of "${name}"`);
  await control.create(host.instance, snapshot, context);
}

/** The host is as it was then, off if it was off; returns when the agent of a running one answers. Throws SNAPSHOT_NOT_FOUND. */
export async function restoreSnapshot(
  deps: MachineDependencies,
  name: string,
  snapshot: string,
  context: MachineContext,
): Promise<void> {
  assertSnapshotName(snapshot);
  await using _lock = await deps.store.lock(name, context.signal);
  const host = await hostOf(deps, name, context);
  const control = snapshotsOf(host);
  context.reporter.step(`Restoring "${name}" from snapshot "${snapshot}"`);
  await control.revert(host.instance, snapshot, context);
  const { state } = await host.driver.inspect(host.instance, context);
  if (state === 'running') await serveAgain(deps, host.machine, host.driver, context);
  else await remember(deps, name, state);
}

/** Throws SNAPSHOT_NOT_FOUND. */
export async function removeSnapshot(
  deps: MachineDependencies,
  name: string,
  snapshot: string,
  context: MachineContext,
): Promise<void> {
  assertSnapshotName(snapshot);
  await using _lock = await deps.store.lock(name, context.signal);
  const host = await hostOf(deps, name, context);
  await snapshotsOf(host).remove(host.instance, snapshot, context);
}

function snapshotsOf({ machine, driver }: Host): SnapshotControl<JsonObject> {
  if (!driver.snapshots) throw driverCannot(machine.driver.name, 'make snapshots');
  return driver.snapshots;
}

/** Goes into XML and file names of providers. */
function assertSnapshotName(name: string): void {
  if (!/^[a-zA-Z0-9][\w.:-]{0,127}$/.test(name)) throw snapshotNameInvalid(name);
}
