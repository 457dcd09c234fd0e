import { readSources } from '../copy/read-sources.js';
import type { SourceTree } from '../copy/source-tree.js';
import { writeItems } from '../copy/write-items.js';
import { changeLayer } from './change-layer.js';
import type { BuildPlatform } from './request.js';
import type { SharedBuild } from './stage-context.js';
import { type BuildState, scratchState, stateOf } from './state.js';

/** FROM a directory of the client's: its files are the image. */
export async function filesState(
  shared: SharedBuild,
  tree: SourceTree,
  platform: BuildPlatform | undefined,
): Promise<BuildState> {
  const { context, request, signal } = shared;
  const sources = { instruction: 'FROM', paths: ['.'], exclude: [], missing: '', signal };
  const items = await readSources(tree, sources);
  const options = {
    destination: '/',
    owner: { uid: 0, gid: 0 },
    mode: undefined,
    parents: false,
    unpack: false,
  };
  const write = (root: number) => writeItems(root, items, { ...options, signal });
  const layer = await changeLayer(context, undefined, write, signal);
  const { config } = scratchState(platform ?? request.platform);
  if (!layer) return stateOf(config);
  shared.hold([layer.chainId]);
  return stateOf({ ...config, rootfs: { type: 'layers', diff_ids: [layer.diffId] } });
}
