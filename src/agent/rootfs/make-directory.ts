import { closeSync } from 'node:fs';
import { systemErrorCode } from '../../shared/errors.js';
import { toByteString } from '../../shared/tar/tar-entry.js';
import { O_PATH, openInRoot } from '../kernel/rooted-open.js';
import type { IdMap } from '../userns/id-map.js';
import { TreeExtractor } from './tree-extractor.js';

/** A directory of root's, in the container with this map, and those above it, unless something is there. Throws ENOTDIR below what is none. */
export function makeDirectory(root: number, path: string, idMap?: IdMap): void {
  if (exists(root, path)) return;
  const extractor = new TreeExtractor(root, root, { noOverwriteDirNonDir: true, idMap });
  try {
    const mtime = BigInt(Date.now()) * 1_000_000n;
    extractor.begin({
      ...{ type: 'directory', name: toByteString(path.slice(1)), linkName: '', mode: 0o755, uid: 0, gid: 0 },
      ...{ size: 0, mtime, major: 0, minor: 0, xattrs: undefined },
    });
    extractor.finish();
  } finally {
    extractor.dispose();
  }
}

function exists(root: number, path: string): boolean {
  try {
    closeSync(openInRoot(root, path, O_PATH));
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
