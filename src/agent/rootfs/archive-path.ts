import { closeSync, constants, fstatSync } from 'node:fs';
import { posix } from 'node:path';
import { toByteString } from '../../shared/tar/tar-entry.js';
import { descriptorPath, O_PATH, openInRoot } from '../kernel/rooted-open.js';
import { tarTree } from '../layer/tar-tree.js';
import type { IdMap } from '../userns/id-map.js';
import { openTreePath, type TreePath } from './tree-path.js';

/**
 * A place in a tree as a tar whose names begin with the last name of the path, as moby's TarResource makes it:
 * "dir/", "dir/file"; "./" and "./file" for "/dir/."; the link itself for a link. Owners are those that
 * a process with this map sees. `root` stays the caller's.
 */
export async function* archiveTreePath(
  root: number,
  target: TreePath,
  idMap?: IdMap,
): AsyncGenerator<Buffer> {
  const place = openTreePath(root, target);
  try {
    if (fstatSync(place).isDirectory()) yield* tarDirectory(place, target.base, idMap);
    else yield* tarFile(root, target.path, idMap);
  } finally {
    closeSync(place);
  }
}

function tarDirectory(fd: number, base: string, idMap: IdMap | undefined): AsyncGenerator<Buffer> {
  const name = base === '/' ? '/' : `${toByteString(base)}/`;
  return tarTree({ directory: `${descriptorPath(fd)}/.`, prefix: name, rootName: name, idMap });
}

async function* tarFile(root: number, path: string, idMap: IdMap | undefined): AsyncGenerator<Buffer> {
  const parent = openInRoot(root, posix.dirname(path), O_PATH | constants.O_DIRECTORY);
  try {
    const only = toByteString(posix.basename(path));
    yield* tarTree({ directory: `${descriptorPath(parent)}/.`, prefix: '', only, idMap });
  } finally {
    closeSync(parent);
  }
}
