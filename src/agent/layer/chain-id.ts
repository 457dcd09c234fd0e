import { digestOf } from '../../shared/digest.js';
import type { ChainId, DiffId } from './layer-store.js';

/** OCI image-spec, config.md, "Layer ChainID". */
export function chainIdOf(parent: ChainId | undefined, diffId: DiffId): ChainId {
  return parent === undefined ? diffId : digestOf(`${parent} ${diffId}`);
}

/** The chain IDs of all layers of an image, lowest first. */
export function chainIdsOf(diffIds: readonly DiffId[]): ChainId[] {
  const chain: ChainId[] = [];
  for (const diffId of diffIds) chain.push(chainIdOf(chain.at(-1), diffId));
  return chain;
}
