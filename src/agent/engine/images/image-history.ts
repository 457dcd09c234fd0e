import type { ImageHistoryItem } from '../../../api/image.js';
import type { Digest } from '../../../shared/digest.js';
import { digestOf } from '../../../shared/digest.js';
import type { Image } from '../../image/image-store.js';
import type { LayerStore } from '../../layer/layer-store.js';

/** The newest first; only the first entry has the image's ID and names, as nothing is kept of the steps. */
export async function imageHistory(
  { id, config, repoTags }: Image,
  layers: LayerStore,
): Promise<readonly ImageHistoryItem[]> {
  const chain = chainIds(config.rootfs.diff_ids);
  const items: ImageHistoryItem[] = [];
  let layer = 0;
  for (const step of config.history ?? []) {
    const chainId = step.empty_layer ? undefined : chain[layer++];
    items.unshift({
      Id: '<missing>',
      Created: Math.trunc(Date.parse(step.created ?? '0001-01-01T00:00:00Z') / 1000),
      CreatedBy: step.created_by ?? '',
      Tags: null,
      Size: chainId === undefined ? 0 : await layers.size(chainId),
      Comment: step.comment ?? '',
    });
  }
  const [newest, ...rest] = items;
  return newest ? [{ ...newest, Id: id, Tags: repoTags.length > 0 ? repoTags : null }, ...rest] : [];
}

/** OCI image-spec, config.md, "Layer ChainID". */
function chainIds(diffIds: readonly string[]): readonly Digest[] {
  const chain: Digest[] = [];
  for (const diffId of diffIds) {
    const below = chain.at(-1);
    chain.push(below === undefined ? (diffId as Digest) : digestOf(`${below} ${diffId}`)); // verified at loading
  }
  return chain;
}
