import { lstat, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../../shared/errors.js';

/** Linux gives up at 40 (path_resolution(7)); a loop is what else it could be. */
const mostLinks = 40;

/**
 * Where `path` leads for a process whose root directory is `root`: absolute links begin at `root`, and ".." does
 * not leave it. Undefined when something on the way is missing or is no directory, or when links go in circles.
 * Holds as long as nobody changes the tree meanwhile.
 */
export async function resolvePathInRoot(root: string, path: string): Promise<string | undefined> {
  const ahead = segments(path);
  let walked: string[] = [];
  let links = 0;
  for (let name = ahead.shift(); name !== undefined; name = ahead.shift()) {
    if (name === '..') {
      walked.pop();
      continue;
    }
    const target = await linkTarget(join(root, ...walked, name));
    if (target === undefined) return undefined;
    if (target === notALink) {
      walked.push(name);
      continue;
    }
    links += 1;
    if (links > mostLinks) return undefined;
    ahead.unshift(...segments(target));
    if (target.startsWith('/')) walked = [];
  }
  return join(root, ...walked);
}

const notALink = Symbol('not a link');

async function linkTarget(path: string): Promise<string | typeof notALink | undefined> {
  try {
    return (await lstat(path)).isSymbolicLink() ? await readlink(path) : notALink;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) return undefined;
    throw error;
  }
}

function segments(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}
