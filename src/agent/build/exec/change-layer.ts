import { closeSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { randomId } from '../../../shared/identifiers.js';
import { openMountedTree } from '../../kernel/mounted-tree.js';
import type { ChainId, NewLayer } from '../../layer/layer-store.js';
import type { BuildContext } from './request.js';

/** A layer of what `work` changes in the tree of `parent`; undefined when that is nothing. */
export async function changeLayer(
  { layers, directory }: Pick<BuildContext, 'layers' | 'directory'>,
  parent: ChainId | undefined,
  work: (root: number, path: string) => Promise<void>,
  signal: AbortSignal,
): Promise<NewLayer | undefined> {
  const key = `build-${randomId()}`; // unknown to every container: removed at the next start, if this is cut off
  await layers.prepare(key, parent);
  try {
    const path = await layers.mount(key);
    const root = openMountedTree(scratchIn(directory), path, []);
    try {
      await work(root, path);
    } finally {
      closeSync(root);
    }
    return await layers.seal(key, undefined, signal);
  } finally {
    await layers.discard(key);
  }
}

export interface MountedImage extends AsyncDisposable {
  readonly path: string;
}

/** The files of a chain of layers; what is written there is thrown away. */
export async function mountLayers(
  { layers }: Pick<BuildContext, 'layers'>,
  chainId: ChainId | undefined,
): Promise<MountedImage> {
  const key = `build-${randomId()}`;
  await layers.prepare(key, chainId);
  try {
    const path = await layers.mount(key);
    return { path, [Symbol.asyncDispose]: () => layers.discard(key) };
  } catch (error) {
    await layers.discard(key);
    throw error;
  }
}

export function scratchIn(directory: string): string {
  const path = join(directory, 'scratch');
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}
