import type { Snapshot } from '../driver.js';
import { snapshotExists, snapshotNameInvalid, snapshotNotFound } from './errors.js';
import type { Domain, DomainSnapshot } from './native/libvirt.js';
import { xml } from './xml.js';

/** Gigabytes of memory are written or read. */
const memoryMs = 15 * 60_000;

/** Inside the qcow2 disks, with the memory of a domain that runs. */
export async function listSnapshots(domain: Domain, signal: AbortSignal): Promise<readonly Snapshot[]> {
  const found: Snapshot[] = [];
  for (const snapshot of await domain.snapshots({ signal })) {
    const createdAt = creationTime(await snapshot.xml({ signal }));
    found.push({ name: snapshot.name, createdAt, current: await snapshot.isCurrent({ signal }) });
  }
  return found.sort((left, right) => left.createdAt.localeCompare(right.createdAt));
}

/** Throws SNAPSHOT_EXISTS, SNAPSHOT_NAME_INVALID. */
export async function createSnapshot(domain: Domain, name: string, signal: AbortSignal): Promise<void> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(name)) throw snapshotNameInvalid(name);
  if (await domain.findSnapshot(name, { signal })) throw snapshotExists(name);
  const description = xml`<domainsnapshot><name>${name}</name></domainsnapshot>`.text;
  await domain.createSnapshot(description, { signal, timeoutMs: memoryMs });
}

/** Throws SNAPSHOT_NOT_FOUND. */
export async function revertSnapshot(domain: Domain, name: string, signal: AbortSignal): Promise<void> {
  await (await find(domain, name, signal)).revert({ signal, timeoutMs: memoryMs });
}

/** Throws SNAPSHOT_NOT_FOUND. */
export async function removeSnapshot(domain: Domain, name: string, signal: AbortSignal): Promise<void> {
  await (await find(domain, name, signal)).delete({}, { signal, timeoutMs: memoryMs });
}

async function find(domain: Domain, name: string, signal: AbortSignal): Promise<DomainSnapshot> {
  const snapshot = await domain.findSnapshot(name, { signal });
  if (!snapshot) throw snapshotNotFound(name);
  return snapshot;
}

/** libvirt counts in whole seconds. */
function creationTime(text: string): string {
  const seconds = Number(/<creationTime>(\d+)<\/creationTime>/.exec(text)?.[1] ?? 0);
  return new Date(seconds * 1000).toISOString();
}
