import type { TarEntryType } from '../shared/tar/tar-entry.js';

/**
 * The agent's own end points for layers, which Docker Engine does not have:
 *
 *     GET  /tsmachine/images/NAME/layers     LayerLine, one JSON a line
 *     POST /tsmachine/layers/sizes           LayerChains → LayerSizes
 *     POST /tsmachine/images/archive         PartialArchive → a tar as of "docker save"
 *
 * The first answers a line for each layer, the lowest first, followed by a line for each entry of its archive in its
 * order. With the others an image travels from one engine to another without the layers that are there.
 */
export type LayerLine = LayerHead | LayerEntry;

export interface LayerHead {
  readonly diffId: string;
  /** What the image's history says of the step that made it; empty where it does not tell. */
  readonly createdBy: string;
  readonly comment: string;
}

/** An entry of a layer's archive; whiteouts are entries, too. */
export interface LayerEntry {
  /** Names are byte strings: each character is one byte. */
  readonly path: string;
  readonly type: TarEntryType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Where a link leads to. */
  readonly link?: string;
}

/** Layers by the digests of their uncompressed archives, the lowest of an image first. */
export interface LayerChains {
  readonly Chains: readonly (readonly string[])[];
}

/** Bytes of each layer's archive upon those below it; null for one that is not there. */
export interface LayerSizes {
  readonly Sizes: readonly (readonly (number | null)[])[];
}

export interface PartialArchive {
  readonly Names: readonly string[];
  /** Only these are in the archive; the others are named. `POST /images/load` takes it where the others are. */
  readonly Layers: readonly string[];
}
