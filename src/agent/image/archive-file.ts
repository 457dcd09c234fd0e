import type { Digest } from '../../shared/digest.js';
import type { LayerStore } from '../layer/layer-store.js';

/** Where a file of an archive goes as a layer. */
export interface LayerPlace {
  readonly layers: LayerStore;
  readonly diffId: Digest;
  readonly parent: Digest | undefined;
  readonly signal: AbortSignal | undefined;
}

/** One file of an image archive. */
export interface ArchiveFile {
  /** Undefined for a layer that is damaged: `apply` says how. */
  digest(): Promise<Digest | undefined>;
  /** A manifest, an index or a config. Throws IMAGE_ARCHIVE_INVALID for what is none. */
  read(): Promise<Buffer>;
  /** Makes it a layer, unless that is here. Throws LAYER_DIGEST_MISMATCH, LAYER_INVALID, NO_SPACE. */
  apply(place: LayerPlace): Promise<void>;
}

/** The same while it comes. Buffers are kept as long as it likes. */
export interface ArrivingFile extends ArchiveFile, AsyncDisposable {
  write(chunk: Buffer): void;
  end(): void;
  /** What to wait for before more is written; undefined when it can be at once. */
  readonly ready: Promise<void> | undefined;
}
