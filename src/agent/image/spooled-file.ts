import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { decompress } from '../../shared/decompress.js';
import type { Digest } from '../../shared/digest.js';
import type { ArrivingFile, LayerPlace } from './archive-file.js';
import { imageArchiveInvalid } from './errors.js';

/** A file of an archive that is kept as it came, in a file that the owner of its directory removes. */
export class SpooledFile implements ArrivingFile {
  readonly ready = undefined;
  readonly #name: string;
  readonly #path: string;
  readonly #hash = createHash('sha256');
  #fd: number | undefined;
  #size = 0;
  #digest: Digest | undefined;

  constructor(name: string, path: string) {
    this.#name = name;
    this.#path = path;
    this.#fd = openSync(path, 'wx', 0o600);
  }

  write(chunk: Buffer): void {
    if (this.#fd === undefined) return;
    this.#hash.update(chunk);
    this.#size += chunk.length;
    for (let at = 0; at < chunk.length; ) at += writeSync(this.#fd, chunk, at);
  }

  end(): void {
    this.#close();
    this.#digest = `sha256:${this.#hash.digest('hex')}`;
  }

  async digest(): Promise<Digest | undefined> {
    return this.#digest;
  }

  async read(): Promise<Buffer> {
    if (this.#size > largestDocument) throw imageArchiveInvalid(`${JSON.stringify(this.#name)} is too large`);
    return readFile(this.#path);
  }

  async apply({ layers, diffId, parent, signal }: LayerPlace): Promise<void> {
    const file = createReadStream(this.#path, { highWaterMark: 256 * 1024 });
    await layers.apply(await decompress(file), diffId, parent, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close(); // the archive may have broken off
  }

  #close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}

/** Manifests, indexes and configs. */
const largestDocument = 16 * 1024 * 1024;
