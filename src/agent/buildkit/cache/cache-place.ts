import type { Readable } from 'node:stream';
import type { Digest } from '../../../shared/digest.js';

export interface Blob {
  readonly digest: Digest;
  readonly size: number;
}

export interface WrittenLayer {
  readonly chainId: Digest;
  readonly diffId: Digest;
}

/** Where a cache lies: a repository of a registry, or a directory of the client's. */
export interface CachePlace extends Disposable {
  /** Undefined where nothing is. */
  manifest(): Promise<Buffer | undefined>;
  /** A small blob, verified. */
  document(digest: Digest): Promise<Buffer>;
  /** A layer, compressed. */
  open(blob: Blob): Readable;
  /** Answers the blob of each, gzipped; what is there is not sent again. */
  writeLayers(layers: readonly WrittenLayer[]): Promise<readonly Blob[]>;
  writeDocument(content: Buffer): Promise<void>;
  /** Last of all: from then on the cache is this one. */
  writeManifest(type: string, content: Buffer): Promise<void>;
}
