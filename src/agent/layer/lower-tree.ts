import { closeSync, constants, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LayerDirectory } from './layer-directory.js';
import type { CommittedLayer } from './layer-record.js';
import { mountLowerLayers } from './overlay-mount.js';
import type { SystemCalls } from './system-calls.js';

interface OpenTree extends Disposable {
  readonly path: string;
}

/** A layer and those below it as one tree, which is mounted nowhere. `chain` is uppermost first. */
export async function openLowerTree(
  directory: LayerDirectory,
  chain: readonly CommittedLayer[],
  libc: SystemCalls,
): Promise<OpenTree | undefined> {
  const [only] = chain;
  if (!only) return undefined;
  if (chain.length === 1) return openTree(join(directory.of(only), 'diff'));
  const target = await directory.stage();
  try {
    mountLowerLayers(libc, { directory: directory.path, links: chain.map(({ link }) => link), target });
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

const detach = 2; // MNT_DETACH
