import type { TarEntry } from './tar-entry.js';

/** What is told of an archive, in its order: for each entry `begin`, `data` and `hole` for each piece, `end`. */
export interface TarHandler {
  begin(entry: TarEntry): void;
  /**
   * Only valid during the call: the buffer is the caller's of `write`. `ahead` bytes that were written already follow
   * it in the archive.
   */
  data(chunk: Buffer, ahead: number): void;
  /** Zeros of a sparse file that are not in the archive; without this method they come as data, up to 1 GiB. */
  hole?(length: number): void;
  end(): void;
}

/** One that keeps holes. */
export interface SparseTarHandler extends TarHandler {
  hole(length: number): void;
}
