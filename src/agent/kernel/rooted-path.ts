import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../../shared/errors.js';

/**
 * The path on the host of a path inside a root file system, with symbolic links resolved as if the root were "/":
 * the answer never leaves it. What does not exist is kept as it is. Throws ELOOP.
 *
 * A process that changes the tree meanwhile can lead it astray: only for trees that nothing hostile writes to at
 * the moment, or for reading.
 */
export async function resolveInRoot(root: string, path: string): Promise<string> {
  const pending = path.split('/').reverse();
  let resolved: string[] = [];
  for (let links = 0; pending.length > 0; ) {
    const name = pending.pop() ?? '';
    if (name === '' || name === '.') continue;
    if (name === '..') {
      resolved.pop();
      continue;
    }
    const target = await linkTarget(join(root, ...resolved, name));
    if (target === undefined) {
      resolved.push(name);
      continue;
    }
    links++;
    if (links > MAX_LINKS) {
      throw Object.assign(new Error(`ELOOP: too many symbolic links, '${path}'`), { code: 'ELOOP' });
    }
    if (target.startsWith('/')) resolved = [];
    pending.push(...target.split('/').reverse());
  }
  return join(root, ...resolved);
}

/** As in the kernel (path_resolution(7)). */
const MAX_LINKS = 40;

async function linkTarget(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch (error) {
    if (NOT_A_LINK.has(systemErrorCode(error) ?? '')) return undefined;
    throw error;
  }
}

const NOT_A_LINK: ReadonlySet<string> = new Set(['EINVAL', 'ENOENT', 'ENOTDIR']);
