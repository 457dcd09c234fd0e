import type { Readable } from 'node:stream';

export interface SourceImage {
  /** As it was asked for, for messages. */
  readonly name: string;
  /** Of its config. */
  readonly id: string;
  /** Digests of the uncompressed layers, the lowest first. */
  readonly diffIds: readonly string[];
  /** Bytes of each as they are sent; undefined where that is not known before. */
  readonly sizes: readonly (number | undefined)[];
}

/** Where images come from. */
export interface ImageSource extends AsyncDisposable {
  readonly images: readonly SourceImage[];
  /** An archive of all images as `docker save` writes it, of whose layers only these are in it. */
  archive(diffIds: ReadonlySet<string>): Promise<Readable>;
}
