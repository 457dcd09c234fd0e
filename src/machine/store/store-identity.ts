import { link, mkdir, readFile, rm } from 'node:fs/promises';
import { writeFileAtomically } from '../../shared/atomic-file.js';
import { systemErrorCode } from '../../shared/errors.js';
import { randomId, shortId } from '../../shared/identifiers.js';
import { storeIdDamaged } from './errors.js';
import { storeIdPath } from './storage.js';

/**
 * Twelve hex digits that tell this store's machines from those of others at a provider. Made with the first machine;
 * of processes that make it at the same time all get the same one. Throws STORE_ID_DAMAGED.
 */
export async function storeId(storage: string): Promise<string> {
  return (await readStoreId(storage)) ?? (await makeStoreId(storage));
}

/** What the owner tags of this store's machines begin with; undefined while it never had one. */
export async function ownerTagPrefix(storage: string): Promise<string | undefined> {
  const id = await readStoreId(storage);
  return id === undefined ? undefined : `tsmachine-${id}-`;
}

export async function newOwnerTag(storage: string, machine: string): Promise<string> {
  return `tsmachine-${await storeId(storage)}-${machine}-${shortId(randomId())}`;
}

async function readStoreId(storage: string): Promise<string | undefined> {
  const path = storeIdPath(storage);
  const text = await readFile(path, 'utf8').catch((error) => {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const id = text.trim();
  if (!/^[0-9a-f]{12}$/.test(id)) throw storeIdDamaged(path);
  return id;
}

/** link(2) puts a complete file in place and fails where another process was first. */
async function makeStoreId(storage: string): Promise<string> {
  await mkdir(storage, { recursive: true, mode: 0o700 });
  const id = shortId(randomId());
  const draft = `${storeIdPath(storage)}.${id}`;
  try {
    await writeFileAtomically(draft, `${id}\n`);
    await link(draft, storeIdPath(storage));
    return id;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return await storeId(storage);
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}
