import { closeSync, constants, fstatSync } from 'node:fs';
import { posix } from 'node:path';
import { toByteString } from '../../shared/tar/tar-entry.js';
import { descriptorPath, O_PATH, openInRoot } from '../kernel/rooted-open.js';
import { tarTree } from '../layer/tar-tree.js';
import { openTreePath, type TreePath } from './tree-path.js';

/**
 * A place in a tree as a tar whose names begin with the last name of the path, as moby's TarResource makes it:
 * "dir/", "dir/file"; "./" and "./file" for "/dir/."; the link itself for a link. `root` stays the caller's.
 */
export async function* archiveTreePath(root: number, target: TreePath): AsyncGenerator<Buffer> {
  const place = openTreePath(root, target);
  try {
    if (fstatSync(place).isDirectory()) yield* tarDirectory(place, target.base);
    else yield* tarFile(root, target.path);
  } finally {
    closeSync(place);
  }
}

function tarDirectory(fd: number, base: string): AsyncGenerator<Buffer> {
  const name = base === '/' ? '/' : `${toByteString(base)}/`;
  return tarTree({ directory: `${descriptorPath(fd)}/.`, prefix: name, rootName: name });
}

async function* tarFile(root: number, path: string): AsyncGenerator<Buffer> {
  const parent = openInRoot(root, posix.dirname(path), O_PATH | constants.O_DIRECTORY);
  try {
    const only = toByteString(posix.basename(path));
    yield* tarTree({ directory: `${descriptorPath(parent)}/.`, prefix: '', only });
  } finally {
    closeSync(parent);
  }
}
