import type { OwnedResource } from '../driver.js';
import { ownerOfDomain } from './domain/edit-xml.js';
import { ownerOfVolume, resourceName } from './instance.js';
import type { Connection } from './native/libvirt.js';

/** Domains by the tag in their metadata, volumes by the tag in their name: volumes have no metadata. */
export async function findOwned(
  connection: Connection,
  pool: string,
  tagPrefix: string,
  signal: AbortSignal,
): Promise<readonly OwnedResource[]> {
  const prefix = resourceName(tagPrefix);
  const found: OwnedResource[] = [];
  for (const domain of await connection.domains({ signal })) {
    if (!domain.name.startsWith(prefix)) continue;
    const ownerTag = ownerOfDomain(await domain.xml({ inactive: true }, { signal }));
    if (ownerTag?.startsWith(tagPrefix)) found.push({ kind: 'domain', id: domain.name, ownerTag });
  }
  const store = await connection.findStoragePool({ name: pool }, { signal });
  if (!(await store?.isActive({ signal }))) return found;
  for (const volume of (await store?.volumes({ signal })) ?? []) {
    const ownerTag = ownerOfVolume(volume.name);
    if (ownerTag?.startsWith(prefix)) found.push({ kind: 'volume', id: `${pool}/${volume.name}`, ownerTag });
  }
  return found;
}

export async function removeOwned(
  connection: Connection,
  { kind, id }: OwnedResource,
  signal: AbortSignal,
): Promise<void> {
  if (kind === 'domain') return await removeDomain(connection, id, signal);
  const slash = id.indexOf('/');
  await removeVolumes(connection, id.slice(0, slash), [id.slice(slash + 1)], signal);
}

/** Succeeds when it is gone already. */
export async function removeDomain(connection: Connection, name: string, signal: AbortSignal): Promise<void> {
  const domain = await connection.findDomain({ name }, { signal });
  if (!domain) return;
  await domain.destroy({}, { signal }).catch(() => {}); // off already; undefine tells otherwise
  await domain.undefine({ signal });
}

/** Succeeds where pool or volumes are gone already. A pool that is off is started: what is in it must go. */
export async function removeVolumes(
  connection: Connection,
  pool: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (names.length === 0) return;
  const store = await connection.findStoragePool({ name: pool }, { signal });
  if (!store) return;
  if (!(await store.isActive({ signal }))) await store.create({ signal });
  for (const name of names) {
    const volume = await store.findVolume(name, { signal });
    await volume?.delete({ signal, timeoutMs: 5 * 60_000 });
  }
}
