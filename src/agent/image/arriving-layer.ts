import { Readable } from 'node:stream';
import { decompress, detectCompression } from '../../shared/decompress.js';
import { isTsmachineError } from '../../shared/errors.js';
import { blockSize, readHeader } from '../../shared/tar/tar-header.js';
import type { LayerStore, StagedLayer } from '../layer/layer-store.js';

/** How much of a file `looksLikeLayer` wants to see. */
export const layerHeadSize = blockSize;

/** By its first bytes, since names tell nothing and the manifest that would comes late. */
export function looksLikeLayer(head: Buffer): 'tar' | 'compressed' | undefined {
  if (detectCompression(head) !== 'none') return 'compressed';
  if (head.length < blockSize) return undefined;
  try {
    return readHeader(head, 0) ? 'tar' : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A layer that is unpacked while it comes, out of sight. What is wrong with it counts only when an image needs it;
 * what is wrong with the host is thrown by `settled`.
 */
export class ArrivingLayer {
  readonly #input: Readable;
  readonly #staged: Promise<StagedLayer | Error>;
  #isSettled = false;
  #full: PromiseWithResolvers<void> | undefined;

  constructor(layers: LayerStore, signal: AbortSignal | undefined) {
    this.#input = new Readable({ highWaterMark: mostHeld, read: () => this.#drain() });
    this.#input.once('close', () => this.#drain());
    this.#input.on('error', () => {}); // its reader has it
    this.#staged = this.#unpack(layers, signal);
    this.#staged.then(
      () => {
        this.#isSettled = true;
      },
      () => {}, // thrown by `settled`
    );
  }

  /** Undefined when more can be written at once. The buffer is kept until it is unpacked. */
  get ready(): Promise<void> | undefined {
    return this.#full?.promise;
  }

  write(chunk: Buffer): void {
    if (this.#input.destroyed) return;
    if (!this.#input.push(chunk)) this.#full ??= Promise.withResolvers();
  }

  end(): void {
    if (!this.#input.destroyed) this.#input.push(null);
  }

  /** After `end`: when it is unpacked, or known to be no layer. Throws what is wrong with the host. */
  get settled(): Promise<void> | undefined {
    return this.#isSettled ? undefined : this.#staged.then(() => {});
  }

  /** Throws what is wrong with it. */
  async staged(): Promise<StagedLayer> {
    const staged = await this.#staged;
    if (staged instanceof Error) throw staged;
    return staged;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#input.destroy();
    const staged = await this.#staged.catch(() => undefined);
    if (staged && !(staged instanceof Error)) await staged[Symbol.asyncDispose]();
  }

  async #unpack(layers: LayerStore, signal: AbortSignal | undefined): Promise<StagedLayer | Error> {
    try {
      return await layers.stage(await decompress(this.#input), signal);
    } catch (error) {
      this.#input.destroy();
      if (isTsmachineError(error) && /^(?:LAYER_|COMPRESSION_)/.test(error.code)) return error;
      throw error;
    }
  }

  #drain(): void {
    this.#full?.resolve();
    this.#full = undefined;
  }
}

const mostHeld = 256 * 1024;
