import { closeSync, constants, fstatSync, type Stats } from 'node:fs';
import { posix } from 'node:path';
import { systemErrorCode } from '../../shared/errors.js';
import { descriptorPath, O_PATH, openInRoot, pathInTree } from '../kernel/rooted-open.js';
import { resolveInRoot } from '../kernel/rooted-path.js';

/**
 * A path as clients of the archive end points write it: absolute or not, both from the tree's root; "/" or "/."
 * at its end means what a link leads to, which must be a directory.
 */
export interface TreePath {
  /** Clean, with what the client wrote at its end. */
  readonly path: string;
  /** Go's filepath.Base: "." for "/a/.", "/" for the root. */
  readonly base: string;
  readonly followsLast: boolean;
}

export function treePath(given: string): TreePath {
  const clean = posix.join('/', given).replace(/(.)\/$/, '$1');
  const dot = /(^|\/)\.\/*$/.test(given);
  const slash = given.endsWith('/');
  const end = `${dot ? '/.' : ''}${slash ? '/' : ''}`;
  const path = clean === '/' ? `/${end.slice(1)}` : `${clean}${end}`;
  return { path, base: dot ? '.' : posix.basename(clean) || '/', followsLast: dot || slash };
}

/** Answers a descriptor of the place (O_PATH), the caller's to close. Throws ENOENT, ENOTDIR, ELOOP. */
export function openTreePath(root: number, { path, followsLast }: TreePath): number {
  return openInRoot(root, path, O_PATH | (followsLast ? constants.O_DIRECTORY : constants.O_NOFOLLOW));
}

/** What moby calls container.PathStat. */
export interface PathStat {
  readonly name: string;
  readonly size: number;
  /** Go's os.FileMode. */
  readonly mode: number;
  readonly mtime: string;
  /** Where a link leads in the end, absolute; as far as can be followed when it is broken. */
  readonly linkTarget: string;
}

export async function statTreePath(root: number, target: TreePath): Promise<PathStat> {
  const fd = openTreePath(root, target);
  try {
    const stat = fstatSync(fd);
    return {
      name: target.base,
      size: stat.size,
      mode: goFileMode(stat),
      mtime: stat.mtime.toISOString().replace(/\.?0*Z$/, 'Z'),
      linkTarget: stat.isSymbolicLink() ? await linkTarget(root, target.path) : '',
    };
  } finally {
    closeSync(fd);
  }
}

async function linkTarget(root: number, path: string): Promise<string> {
  try {
    const fd = openInRoot(root, path, O_PATH);
    try {
      return pathInTree(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
    const prefix = descriptorPath(root);
    return (await resolveInRoot(prefix, path)).slice(prefix.length) || '/';
  }
}

/** Permissions below, Go's own bits for the types above (io/fs, FileMode). */
export function goFileMode(stat: Stats): number {
  let mode = stat.mode & 0o777;
  if (stat.isDirectory()) mode += 2 ** 31;
  if (stat.isSymbolicLink()) mode += 2 ** 27;
  if (stat.isBlockDevice() || stat.isCharacterDevice()) mode += 2 ** 26;
  if (stat.isFIFO()) mode += 2 ** 25;
  if (stat.isSocket()) mode += 2 ** 24;
  if (stat.mode & 0o4000) mode += 2 ** 23;
  if (stat.mode & 0o2000) mode += 2 ** 22;
  if (stat.isCharacterDevice()) mode += 2 ** 21;
  if (stat.mode & 0o1000) mode += 2 ** 20;
  return mode;
}
