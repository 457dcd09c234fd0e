import type { Digest } from '../../../shared/digest.js';
import { diffIdsOf } from '../../image/decode-image-config.js';
import type { Image } from '../../image/image-store.js';
import { chainIdsOf } from '../../layer/chain-id.js';
import type { LayerStore } from '../../layer/layer-store.js';

/** Of each image, by its ID, the bytes of layers that another image has, too. */
export async function sharedSizes(
  images: readonly Image[],
  layers: Pick<LayerStore, 'has' | 'size'>,
): Promise<ReadonlyMap<Digest, number>> {
  const chains = images.map(({ id, config }) => ({ id, chainIds: chainIdsOf(diffIdsOf(config)) }));
  const users = new Map<Digest, number>();
  for (const { chainIds } of chains) {
    for (const chainId of chainIds) users.set(chainId, (users.get(chainId) ?? 0) + 1);
  }
  const shared = new Map<Digest, number>();
  for (const { id, chainIds } of chains) {
    let size = 0;
    for (const chainId of chainIds) {
      if ((users.get(chainId) ?? 0) > 1 && (await layers.has(chainId))) size += await layers.size(chainId);
    }
    shared.set(id, size);
  }
  return shared;
}

/** Bytes of each layer that images have; what only the build cache has is not among them. */
export async function imageLayerSizes(
  images: readonly Image[],
  layers: Pick<LayerStore, 'has' | 'size'>,
): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  for (const chainId of new Set(images.flatMap(({ config }) => chainIdsOf(diffIdsOf(config))))) {
    if (await layers.has(chainId)) sizes.set(chainId, await layers.size(chainId));
  }
  return sizes;
}
