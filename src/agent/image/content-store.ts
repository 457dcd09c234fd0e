import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { syncDirectory } from '../../shared/atomic-file.js';
import { type Digest, digestHex, digestOf } from '../../shared/digest.js';
import { systemErrorCode } from '../../shared/errors.js';
import { contentDigestMismatch, contentNotFound } from './errors.js';

/**
 * Blobs by digest, as in an OCI image layout: ROOT/blobs/sha256/HEX. A blob is visible only whole, verified and on
 * the disk. Writing one that is there already changes nothing.
 */
export class ContentStore {
  readonly #blobs: string;
  readonly #ingest: string;

  constructor(options: { readonly root: string }) {
    this.#blobs = join(options.root, 'blobs', 'sha256');
    this.#ingest = join(options.root, 'ingest');
  }

  async has(digest: Digest): Promise<boolean> {
    return stat(this.#path(digest)).then(
      () => true,
      (error) => {
        if (systemErrorCode(error) === 'ENOENT') return false;
        throw error;
      },
    );
  }

  /** Verifies what it reads. Throws CONTENT_NOT_FOUND, CONTENT_DIGEST_MISMATCH. */
  async get(digest: Digest): Promise<Buffer> {
    const content = await readFile(this.#path(digest)).catch((error) => {
      if (systemErrorCode(error) === 'ENOENT') throw contentNotFound(digest);
      throw error;
    });
    const actual = digestOf(content);
    if (actual !== digest) throw contentDigestMismatch(digest, actual);
    return content;
  }

  async put(content: Uint8Array): Promise<Digest> {
    return this.#write([content]);
  }

  /** Throws CONTENT_DIGEST_MISMATCH; nothing remains of what did not match. */
  async ingest(stream: Readable, expected: Digest): Promise<void> {
    await this.#write(stream, expected);
  }

  /** Succeeds when there is none. */
  async remove(digest: Digest): Promise<void> {
    await rm(this.#path(digest), { force: true });
  }

  async list(): Promise<readonly Digest[]> {
    const names = await readdir(this.#blobs).catch((error) => {
      if (systemErrorCode(error) === 'ENOENT') return [];
      throw error;
    });
    return names.map((name): Digest => `sha256:${name}`);
  }

  /** At start: removes what an interrupted write left. */
  async recover(): Promise<void> {
    await rm(this.#ingest, { recursive: true, force: true });
  }

  async #write(pieces: Iterable<Uint8Array> | Readable, expected?: Digest): Promise<Digest> {
    await mkdir(this.#ingest, { recursive: true, mode: 0o700 });
    await mkdir(this.#blobs, { recursive: true, mode: 0o700 });
    const temporary = join(this.#ingest, randomBytes(8).toString('hex'));
    try {
      const digest = await writeAndHash(temporary, pieces);
      if (expected && digest !== expected) throw contentDigestMismatch(expected, digest);
      await rename(temporary, this.#path(digest));
      await syncDirectory(this.#blobs);
      return digest;
    } finally {
      await rm(temporary, { force: true });
    }
  }

  #path(digest: Digest): string {
    return join(this.#blobs, digestHex(digest));
  }
}

async function writeAndHash(path: string, pieces: Iterable<Uint8Array> | Readable): Promise<Digest> {
  const hash = createHash('sha256');
  await using file = await open(path, 'wx', 0o600);
  for await (const piece of pieces) {
    hash.update(piece);
    await file.writeFile(piece);
  }
  await file.sync();
  return `sha256:${hash.digest('hex')}`;
}
