import { closeSync, fstatSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { decompress } from '../../shared/decompress.js';
import { readTar } from '../../shared/tar/read-tar.js';
import { O_PATH, openInRoot, pathInTree } from '../kernel/rooted-open.js';
import { notADirectory } from './errors.js';
import { type ExtractOptions, TreeExtractor } from './tree-extractor.js';
import type { TreePath } from './tree-path.js';

export interface ExtractRequest extends ExtractOptions {
  /** A directory, or a link to one. */
  readonly target: TreePath;
  /** Throws when nothing may be written there; it is told where the links of `target` led. */
  checkWritable(path: string): void;
  readonly signal: AbortSignal;
}

/**
 * Unpacks a tar, compressed or not, into a directory of a tree. What was written before an error stays, as with
 * Docker. Throws NOT_A_DIRECTORY, ENOENT, what `checkWritable`, `readTar` and `TreeExtractor` throw.
 */
export async function extractArchive(root: number, tar: Readable, request: ExtractRequest): Promise<void> {
  const destination = openInRoot(root, request.target.path, O_PATH);
  try {
    if (!fstatSync(destination).isDirectory()) throw notADirectory();
    request.checkWritable(pathInTree(destination));
    await unpack(root, destination, tar, request);
  } finally {
    closeSync(destination);
  }
}

async function unpack(
  root: number,
  destination: number,
  tar: Readable,
  { signal, ...options }: ExtractRequest,
): Promise<void> {
  const extractor = new TreeExtractor(root, destination, options);
  try {
    await readTar(await decompress(tar), extractor, { signal });
    extractor.finish();
  } finally {
    extractor.dispose();
  }
}
