import type { LayerChains, LayerEntry, LayerLine, LayerSizes } from '../../../api/image-layers.js';
import { isDigest } from '../../../shared/digest.js';
import type { TarEntry } from '../../../shared/tar/tar-entry.js';
import { diffIdsOf } from '../../image/decode-image-config.js';
import type { Image, ImageStore } from '../../image/image-store.js';
import { chainIdsOf } from '../../layer/chain-id.js';
import type { LayerStore } from '../../layer/layer-store.js';

/** What is in each layer, which cannot be removed meanwhile. */
export async function* imageLayers(
  { config }: Image,
  images: Pick<ImageStore, 'hold'>,
  layers: Pick<LayerStore, 'entries'>,
): AsyncGenerator<LayerLine> {
  const diffIds = diffIdsOf(config);
  const chainIds = chainIdsOf(diffIds);
  await using _lease = images.hold(chainIds);
  const steps = (config.history ?? []).filter((step) => !step.empty_layer);
  for (const [index, diffId] of diffIds.entries()) {
    const { created_by: createdBy = '', comment = '' } =
      (steps.length === diffIds.length && steps[index]) || {};
    yield { diffId, createdBy, comment };
    const chainId = chainIds[index];
    if (!chainId) continue;
    for await (const entry of layers.entries(chainId)) yield layerEntry(entry);
  }
}

/** See `LayerSizes`. A layer whose archive cannot be made again counts as one that is not there. */
export async function layerSizes(
  chains: LayerChains['Chains'],
  layers: Pick<LayerStore, 'has' | 'tarSize'>,
): Promise<LayerSizes['Sizes']> {
  return await Promise.all(
    chains.map((diffIds) =>
      Promise.all(
        chainIdsOf(diffIds.filter(isDigest)).map(async (chainId) =>
          (await layers.has(chainId)) ? layers.tarSize(chainId).catch(() => null) : null,
        ),
      ),
    ),
  );
}

function layerEntry({ name, type, mode, uid, gid, size, linkName }: TarEntry): LayerEntry {
  return { path: name, type, mode, uid, gid, size, ...(linkName !== '' && { link: linkName }) };
}
