import { createHash, type Hash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Digest } from '../../shared/digest.js';
import type { LayerStore } from '../layer/layer-store.js';
import type { ArrivingFile, LayerPlace } from './archive-file.js';
import { ArrivingLayer } from './arriving-layer.js';
import { imageArchiveInvalid } from './errors.js';

export interface ArchivedLayerOptions {
  readonly kind: 'tar' | 'compressed';
  readonly layers: LayerStore;
  readonly signal: AbortSignal | undefined;
}

/** A file of an archive that looks like a layer, and is unpacked while it comes. */
export class ArchivedLayer implements ArrivingFile {
  readonly #name: string;
  readonly #layer: ArrivingLayer;
  /** A plain tar has the digest of the layer. */
  readonly #hash: Hash | undefined;
  #digest: Digest | undefined;
  #hasEnded = false;
  /** The layer that it became. */
  #chainId: Digest | undefined;

  constructor(name: string, { kind, layers, signal }: ArchivedLayerOptions) {
    this.#name = name;
    this.#layer = new ArrivingLayer(layers, signal);
    this.#hash = kind === 'compressed' ? createHash('sha256') : undefined;
  }

  get ready(): Promise<void> | undefined {
    return this.#hasEnded ? this.#layer.settled : this.#layer.ready;
  }

  write(chunk: Buffer): void {
    this.#hash?.update(chunk);
    this.#layer.write(chunk);
  }

  end(): void {
    this.#hasEnded = true;
    this.#layer.end();
    if (this.#hash) this.#digest = `sha256:${this.#hash.digest('hex')}`;
  }

  async digest(): Promise<Digest | undefined> {
    if (this.#hash) return this.#digest;
    const staged = await this.#layer.staged().catch(() => undefined);
    return staged?.diffId;
  }

  async read(): Promise<Buffer> {
    throw imageArchiveInvalid(`${JSON.stringify(this.#name)} is an archive, where JSON was expected`);
  }

  async apply({ layers, diffId, parent, signal }: LayerPlace): Promise<void> {
    if (this.#chainId === undefined) {
      const staged = await this.#layer.staged();
      this.#chainId = await staged.commit(diffId, parent);
    } else {
      const again = Readable.from(layers.tar(this.#chainId), { objectMode: false });
      await layers.apply(again, diffId, parent, signal);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#layer[Symbol.asyncDispose]();
  }
}
