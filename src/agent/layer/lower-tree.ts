import { closeSync, constants, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { LayerDirectory } from './layer-directory.js';
import type { CommittedLayer } from './layer-record.js';
import type { LowerView } from './lower-layers.js';
import { mountLowerLayers } from './overlay-mount.js';
import type { SystemCalls } from './system-calls.js';

export interface OpenTree extends Disposable {
  readonly path: string;
}

/** A layer and those below it, uppermost first, as one tree, which is mounted nowhere. Undefined for none. */
export async function openLowerTree(
  libc: SystemCalls,
  layers: LayerDirectory,
  chain: readonly CommittedLayer[],
  view: LowerView,
): Promise<OpenTree | undefined> {
  const links = chain.map(({ link }) => link);
  if (links.length === 0) return undefined;
  if (links.length === 1) return view.use((directory) => openTree(`${directory}/l/${links[0]}`));
  const target = await layers.stage();
  try {
    view.use((directory) => mountLowerLayers(libc, { directory, links, target }));
    try {
      return openTree(target);
    } finally {
      libc.unmount(target, detach); // the descriptor keeps it
    }
  } finally {
    await rm(target, { recursive: true, force: true });
  }
}

function openTree(directory: string): OpenTree {
  const fd = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  return { path: `/proc/self/fd/${fd}`, [Symbol.dispose]: () => closeSync(fd) };
}

const detach = 2;
