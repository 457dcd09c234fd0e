import { lstat, readdir, readlink } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { systemErrorCode } from '../../shared/errors.js';
import { ignoreRules } from '../ignore-rules.js';

/** As many links as the kernel follows, and some. */
const mostLinks = 255;

/**
 * The paths below a directory that others lead to: with each link on the way, and for "*" what is there. A link that
 * leads out of the directory is taken as if the directory were the root.
 */
export async function followPaths(root: string, paths: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const path of paths) await follow(root, partsOf(path), found, mostLinks);
  return [...found];
}

async function follow(
  root: string,
  parts: readonly string[],
  found: Set<string>,
  links: number,
): Promise<void> {
  let place = '';
  for (const [at, part] of parts.entries()) {
    const rest = parts.slice(at + 1);
    if (/[*?[]/.test(part)) {
      for (const name of await matching(join(root, place), part))
        await follow(root, [...partsOf(place), name, ...rest], found, links);
      return;
    }
    const next = place === '' ? part : `${place}/${part}`;
    const target = await linkTarget(join(root, next));
    if (target !== undefined) {
      found.add(next);
      const from = target.startsWith('/') ? '/' : `/${place}`;
      const onward = [...partsOf(posix.join(from, target)), ...rest];
      if (links > 0) await follow(root, onward, found, links - 1);
      return;
    }
    place = next;
  }
  found.add(place);
}

function partsOf(path: string): readonly string[] {
  return posix.normalize(`/${path}`).split('/').filter(Boolean);
}

/** Undefined for what is no link, or not there. */
async function linkTarget(path: string): Promise<string | undefined> {
  try {
    if (!(await lstat(path)).isSymbolicLink()) return undefined;
    const target = await readlink(path);
    return process.platform === 'win32' ? target.replaceAll('\\', '/') : target;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function matching(directory: string, pattern: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  const rules = ignoreRules(pattern);
  return names.filter((name) => rules.ignores(name));
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '');
}
