import { chmod, lchown, lstat, readdir } from 'node:fs/promises';
import { runOrThrow } from '../kernel/spawn.js';
import { hostOwner, hostOwnerOrNobody, type IdMap, type Owner } from './id-map.js';

const timeoutMs = 30 * 60_000;

/** Gives a file to a user of a container. Throws ID_NOT_MAPPED. */
export async function giveTo(path: string, owner: Owner, idMap: IdMap | undefined): Promise<void> {
  const { uid, gid } = hostOwner(idMap, owner);
  await lchown(path, uid, gid);
}

/** Copies a file or a directory with all below it for a container, which sees the owners that the source has here. */
export async function copyForContainer(source: string, target: string, idMap: IdMap): Promise<void> {
  await runOrThrow(['cp', '-a', '--reflink=auto', '--', source, target], { timeoutMs });
  await changeOwners(Buffer.from(target), idMap);
}

/** By bytes, for names that are not UTF-8. */
async function changeOwners(path: Buffer, idMap: IdMap): Promise<void> {
  const stat = await lstat(path);
  const { uid, gid } = hostOwnerOrNobody(idMap, stat);
  await lchown(path, uid, gid);
  if (stat.isFile() && (stat.mode & 0o6000) !== 0) await chmod(path, stat.mode & 0o7777); // chown takes setuid away
  if (!stat.isDirectory()) return;
  for (const name of await readdir(path, { encoding: 'buffer' })) {
    await changeOwners(Buffer.concat([path, Buffer.from('/'), name]), idMap);
  }
}
