import { chmod, chown, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { makeLimitedSpace, openLimitedSpace } from '../quota/limited-space.js';
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

/** Where a layer of limited size has its files; it stays mounted until the layer is discarded or the host reboots. */
export async function openSpace(own: string, layer: ActiveLayer): Promise<string | undefined> {
  if (layer.limit === undefined) return undefined;
  const space = await openLimitedSpace(own);
  for (const name of ['diff', 'work']) await mkdir(join(space, name), { recursive: true, mode: 0o755 });
  await giveRoot(join(space, 'diff'), layer);
  return space;
}

/** What overlayfs shows as the root's owner. */
async function giveRoot(diff: string, { idMap }: ActiveLayer): Promise<void> {
  const { uid, gid } = hostRoot(idMap);
  if (idMap) await chown(diff, uid, gid);
}

/** For `GraphDriver` of inspect; `lower` are the directories below, uppermost first. */
export function describeParts(own: string, lower: readonly string[]): Readonly<Record<string, string>> {
  return {
    ...(lower.length > 0 && { LowerDir: lower.join(':') }),
    MergedDir: join(own, 'merged'),
    UpperDir: join(own, 'diff'),
    WorkDir: join(own, 'work'),
  };
}
