import type { ChainId, NewLayer } from '../../layer/layer-store.js';
import { makeDirectory } from '../../rootfs/make-directory.js';
import { changeLayer } from './change-layer.js';
import type { BuildContext } from './request.js';

/** WORKDIR makes its directory, as root's. */
export function makeWorkingDirectory(
  context: BuildContext,
  parent: ChainId | undefined,
  path: string,
  signal: AbortSignal,
): Promise<NewLayer | undefined> {
  return changeLayer(context, parent, async (root) => makeDirectory(root, path), signal);
}
