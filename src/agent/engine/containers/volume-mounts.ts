import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, posix } from 'node:path';
import { systemErrorCode } from '../../../shared/errors.js';
import { MNT, MS, mount, unmount } from '../../kernel/libc.js';
import { descriptorPath, O_PATH, openBeneath } from '../../kernel/rooted-open.js';
import type { VolumeHolders } from '../../volume/volume-store.js';
import { subpathEscapes, subpathInaccessible } from '../mount-errors.js';
import type { Container } from './container.js';
import type { ContainerContext } from './context.js';
import type { ContainerMount, ContainerRecord } from './record.js';

/**
 * Makes a container's volumes usable and answers where they are, by their destinations. `unmountVolumes` gives them
 * back. Of a volume with a sub-path, only that part is mounted, at a place of its own which `releaseSubpaths` takes
 * away: what was mounted elsewhere from there stays. When it throws, nothing is held.
 */
export async function mountVolumes(
  context: ContainerContext,
  record: ContainerRecord,
  holder: string,
): Promise<ReadonlyMap<string, string>> {
  const sources = new Map<string, string>();
  try {
    for (const each of record.mounts) {
      if (each.Type !== 'volume' || !each.Name) continue;
      const path = await context.volumes.mount(each.Name, holder);
      sources.set(each.Destination, subpathOf(context, each, path, `${holder}.${sources.size}`));
    }
    return sources;
  } catch (error) {
    await unmountVolumes(context, record, holder);
    throw error;
  }
}

/** Succeeds for what is not mounted. */
export async function unmountVolumes(
  context: ContainerContext,
  { mounts }: ContainerRecord,
  holder: string,
): Promise<void> {
  releaseSubpaths(context, mounts, holder);
  const names = new Set(mounts.flatMap(({ Type, Name }) => (Type === 'volume' && Name ? [Name] : [])));
  for (const name of names) await context.volumes.unmount(name, holder);
}

/** Once all is mounted that was to be mounted from there. */
export function releaseSubpaths(
  { paths }: ContainerContext,
  mounts: readonly ContainerMount[],
  holder: string,
): void {
  if (!mounts.some(({ subpath }) => subpath !== undefined)) return;
  for (const name of namesIn(paths.subpaths)) {
    if (name.startsWith(`${holder}.`)) takeAway(join(paths.subpaths, name));
  }
}

/** What an agent that was killed has left. */
export function removeSubpaths({ paths }: ContainerContext): void {
  for (const name of namesIn(paths.subpaths)) takeAway(join(paths.subpaths, name));
}

/** Which volumes these containers have mounted. */
export function volumeHolders(containers: readonly Container[]): VolumeHolders {
  const holders = new Map<string, Set<string>>();
  for (const { id, record } of containers) {
    for (const { Type, Name } of record.mounts) {
      if (Type === 'volume' && Name) holders.set(Name, (holders.get(Name) ?? new Set()).add(id));
    }
  }
  return holders;
}

function subpathOf({ paths }: ContainerContext, { subpath }: ContainerMount, base: string, name: string) {
  if (subpath === undefined) return base;
  const place = join(paths.subpaths, name);
  const fd = openSubpath(base, subpath);
  try {
    mkdirSync(paths.subpaths, { recursive: true, mode: 0o700 });
    if (fstatSync(fd).isDirectory()) mkdirSync(place);
    else writeFileSync(place, '');
    mount(descriptorPath(fd), place, '', MS.BIND | MS.REC);
    return place;
  } finally {
    closeSync(fd);
  }
}

/** Links lead nowhere but into the volume, and those that would lead out are refused, as moby's safepath does. */
function openSubpath(base: string, subpath: string): number {
  const root = openSync(base, O_PATH | constants.O_DIRECTORY);
  try {
    return openBeneath(root, posix.normalize(subpath), O_PATH);
  } catch (error) {
    if (systemErrorCode(error) === 'EXDEV') throw subpathEscapes(base, subpath, error);
    throw subpathInaccessible(join(base, subpath), 'no such file or directory', error);
  } finally {
    closeSync(root);
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Never recursively: should the volume's part still be mounted, it stays. */
function takeAway(place: string): void {
  try {
    unmount(place, MNT.DETACH);
  } catch (error) {
    if (systemErrorCode(error) !== 'EINVAL') throw error; // nothing is mounted there
  }
  try {
    rmdirSync(place);
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOTDIR') throw error;
    unlinkSync(place);
  }
}
