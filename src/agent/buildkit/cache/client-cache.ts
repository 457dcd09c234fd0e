import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { type Digest, digestOf } from '../../../shared/digest.js';
import type { Blob, CachePlace, WrittenLayer } from './cache-place.js';
import type { ClientContent } from './client-content.js';

export interface ClientCacheOptions {
  /** Of the manifest that is there; undefined where one is to be written. */
  readonly manifest?: Digest;
  /** The archive of a layer. */
  readonly layerTar: (chainId: Digest) => AsyncIterable<Buffer>;
  /** Which blobs layers became in earlier builds, by their diff IDs. */
  readonly known: Map<Digest, Blob>;
}

/** They only save work. */
const mostKnown = 4096;

/** A cache in a directory of the client's: `type=local`. */
export class ClientCache implements CachePlace {
  readonly #content: ClientContent;
  readonly #options: ClientCacheOptions;

  constructor(content: ClientContent, options: ClientCacheOptions) {
    this.#content = content;
    this.#options = options;
  }

  async manifest(): Promise<Buffer | undefined> {
    const { manifest } = this.#options;
    return manifest && (await this.#content.document(manifest));
  }

  document(digest: Digest): Promise<Buffer> {
    return this.#content.document(digest);
  }

  open({ digest }: Blob): Readable {
    return this.#content.open(digest);
  }

  async writeLayers(layers: readonly WrittenLayer[]): Promise<readonly Blob[]> {
    const blobs: Blob[] = [];
    for (const layer of layers) blobs.push(await this.#writeLayer(layer));
    return blobs;
  }

  async #writeLayer({ chainId, diffId }: WrittenLayer): Promise<Blob> {
    const { known, layerTar } = this.#options;
    const before = known.get(diffId);
    if (before && (await this.#content.size(before.digest)) !== undefined) return before;
    const blob = await this.#content.write(gzipped(layerTar(chainId)));
    if (known.size >= mostKnown) known.clear();
    known.set(diffId, blob);
    return blob;
  }

  async writeDocument(content: Buffer): Promise<void> {
    if ((await this.#content.size(digestOf(content))) === undefined)
      await this.#content.write(Readable.from([content]));
  }

  /** The client itself notes it in the directory's index. */
  async writeManifest(_type: string, content: Buffer): Promise<void> {
    await this.writeDocument(content);
  }

  [Symbol.dispose](): void {}
}

function gzipped(tar: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const gzip = createGzip({ level: 4, chunkSize: 1024 * 1024 });
  return pipeline(Readable.from(tar, { objectMode: false }), gzip, () => {}); // its reader gets the failure
}
