import { chmod, chown, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { makeLimitedSpace } from '../quota/limited-space.js';
import { hostRoot } from '../userns/id-map.js';
import type { ActiveLayer } from './layer-record.js';

/** Not mounted here: what is being made is found by its name and deleted, also by the next agent. */
export async function makeParts(staged: string, layer: ActiveLayer): Promise<void> {
  const { limit } = layer;
  const own = limit === undefined ? ['diff', 'work', 'merged'] : ['merged'];
  for (const name of own) {
    await mkdir(join(staged, name));
    await chmod(join(staged, name), 0o755);
  }
  if (limit === undefined) return await giveRoot(join(staged, 'diff'), layer);
  await makeLimitedSpace(staged, limit);
  for (const name of ['diff', 'work']) await symlink(`space/${name}`, join(staged, name));
}

/** What overlayfs shows as the root's owner. */
export async function giveRoot(diff: string, { idMap }: ActiveLayer): Promise<void> {
  const { uid, gid } = hostRoot(idMap);
  if (idMap) await chown(diff, uid, gid);
}
