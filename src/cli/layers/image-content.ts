import type { LayerEntry, LayerHead } from '../../api/image-layers.js';

/** What is in an image, as far as its layers tell. */
export interface ImageContent {
  /** As it was asked for, or as the archive calls it. */
  readonly name: string;
  readonly id: string;
  /** Lowest first. */
  readonly layers: readonly LayerContent[];
}

export interface LayerContent extends LayerHead {
  /** In the order of the archive. */
  readonly entries: readonly LayerEntry[];
}
