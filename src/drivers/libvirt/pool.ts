import { homedir } from 'node:os';
import { join } from 'node:path';
import { isLocal, isSession } from './connection-uri.js';
import { poolXml } from './domain/volume-xml.js';
import { poolMissing, poolUnfit } from './errors.js';
import { isLibvirtError, VIR_ERR } from './native/errors.js';
import type { Connection, StoragePool } from './native/libvirt.js';

const fileBased = ['dir', 'fs', 'netfs'];

/**
 * Throws STORAGE_POOL_NOT_FOUND and STORAGE_POOL_UNFIT. A missing pool "default" is no reason to stop: it is made
 * with the machine, as virt-install and virt-manager do.
 */
export async function checkPool(connection: Connection, name: string, signal: AbortSignal): Promise<void> {
  const pool = await connection.findStoragePool({ name }, { signal });
  if (pool) await assertFileBased(pool, signal);
  else if (defaultPath(name, connection.uri) === undefined) throw poolMissing(name, connection.uri);
}

/**
 * The name of the pool that is meant: where there is no "default" but another pool of its directory, that one, since
 * no directory can be two pools.
 */
export async function poolName(connection: Connection, name: string, signal: AbortSignal): Promise<string> {
  const targetPath = defaultPath(name, connection.uri);
  if (targetPath === undefined || (await connection.findStoragePool({ name }, { signal }))) return name;
  return (await connection.findStoragePool({ targetPath }, { signal }))?.name ?? name;
}

/** The pool, active, or made so. Throws STORAGE_POOL_NOT_FOUND and STORAGE_POOL_UNFIT. */
export async function ensurePool(
  connection: Connection,
  name: string,
  signal: AbortSignal,
): Promise<StoragePool> {
  const pool =
    (await connection.findStoragePool({ name }, { signal })) ?? (await makePool(connection, name, signal));
  await assertFileBased(pool, signal);
  if (await pool.isActive({ signal })) return pool;
  await pool.create({ signal }).catch(async (error) => {
    // Another command may have started it at the same time.
    if (!(await pool.isActive({ signal }))) throw error;
  });
  return pool;
}

async function makePool(connection: Connection, name: string, signal: AbortSignal): Promise<StoragePool> {
  const path = defaultPath(name, connection.uri);
  if (path === undefined) throw poolMissing(name, connection.uri);
  const pool = await connection.defineStoragePool(poolXml(name, path), { signal }).catch(async (error) => {
    const other = await connection.findStoragePool({ name }, { signal });
    if (!other) throw error;
    return other;
  });
  await pool.build({ signal }).catch((error) => {
    if (!isLibvirtError(error, VIR_ERR.OPERATION_INVALID)) throw error; // active: another command was faster
  });
  await pool.setAutostart(true, { signal });
  return pool;
}

async function assertFileBased(pool: StoragePool, signal: AbortSignal): Promise<void> {
  const type = /<pool\s+type=['"]([^'"]+)/.exec(await pool.xml({ signal }))?.[1] ?? '';
  if (!fileBased.includes(type)) throw poolUnfit(pool.name, type);
}

/** Where libvirt's own tools put the pool of this name. */
function defaultPath(pool: string, uri: string): string | undefined {
  if (pool !== 'default') return undefined;
  if (!isSession(uri)) return '/var/lib/libvirt/images';
  if (!isLocal(uri)) return undefined; // the home directory there is not known
  const data = process.env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share');
  return join(data, 'libvirt', 'images');
}
