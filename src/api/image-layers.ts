import type { TarEntryType } from '../shared/tar/tar-entry.js';

/**
 * The agent's own end point for what is in the layers of an image, which Docker Engine does not have:
 *
 *     GET /tsmachine/images/NAME/layers     LayerLine, one JSON a line
 *
 * A line for each layer, the lowest first, followed by a line for each entry of its archive in its order.
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
