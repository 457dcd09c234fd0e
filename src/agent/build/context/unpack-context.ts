import { createHash, type Hash } from 'node:crypto';
import { closeSync, mkdirSync } from 'node:fs';
import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import { decompress } from '../../../shared/decompress.js';
import type { Digest } from '../../../shared/digest.js';
import { readTar } from '../../../shared/tar/read-tar.js';
import type { ByteString, TarEntry } from '../../../shared/tar/tar-entry.js';
import type { SparseTarHandler } from '../../../shared/tar/tar-handler.js';
import { openMountedTree } from '../../kernel/mounted-tree.js';
import { TreeExtractor } from '../../rootfs/tree-extractor.js';
import type { SourceTree } from '../copy/source-tree.js';
import { buildTooLarge } from '../errors.js';

export interface ContextLimits {
  readonly bytes: number;
  readonly entries: number;
}

/**
 * A bound against bombs, far above what anybody builds from. Contents are on disk; of an entry its name and digest are in
 * memory, up to 350 bytes.
 */
export const contextLimits: ContextLimits = { bytes: 64 * 1024 ** 3, entries: 1_000_000 };

export interface UnpackOptions {
  /** An empty directory; the caller removes it. */
  readonly directory: string;
  readonly scratch: string;
  readonly limits?: ContextLimits;
  readonly signal: AbortSignal;
}

/**
 * Unpacks a build context, compressed or not, and notes the digest of each file on its way. Throws BUILD_TOO_LARGE,
 * TAR_INVALID, COMPRESSION_INVALID, ARCHIVE_INVALID.
 */
export async function unpackContext(tar: Readable, options: UnpackOptions): Promise<SourceTree> {
  const { directory, scratch, limits = contextLimits, signal } = options;
  mkdirSync(scratch, { recursive: true, mode: 0o700 });
  const root = openMountedTree(scratch, directory, []);
  const extractor = new TreeExtractor(root, root, { noOverwriteDirNonDir: false });
  try {
    const handler = new ContextHandler(extractor, limits);
    await readTar(await decompress(tar), handler, { signal });
    extractor.finish();
    return { root: directory, digests: handler.digests };
  } finally {
    extractor.dispose();
    closeSync(root);
  }
}

class ContextHandler implements SparseTarHandler {
  readonly digests = new Map<ByteString, Digest>();
  readonly #links = new Set<ByteString>();
  readonly #extractor: TreeExtractor;
  readonly #limits: ContextLimits;
  #bytes = 0;
  #entries = 0;
  #file: { readonly name: ByteString; readonly hash: Hash } | undefined;

  constructor(extractor: TreeExtractor, limits: ContextLimits) {
    this.#extractor = extractor;
    this.#limits = limits;
  }

  begin(entry: TarEntry): void {
    if (++this.#entries > this.#limits.entries) {
      throw buildTooLarge('the build context', `${this.#limits.entries} entries`);
    }
    const name = posix.join('.', entry.name).replace(/\/$/, '');
    this.digests.delete(name); // it is replaced
    if (entry.type === 'symlink') this.#links.add(name);
    this.#extractor.begin(entry);
    const isPlain = entry.type === 'file' && !this.#isBelowLink(name);
    this.#file = isPlain ? { name, hash: createHash('sha256') } : undefined;
    if (entry.type === 'file' && !isPlain) this.digests.clear(); // it may have replaced any of them
  }

  data(chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#limits.bytes) {
      throw buildTooLarge('the build context', `${this.#limits.bytes} bytes`);
    }
    this.#file?.hash.update(chunk);
    this.#extractor.data(chunk);
  }

  /** No room on the disk, nor time: the digest is computed when it is needed. */
  hole(length: number): void {
    this.#file = undefined;
    this.#extractor.hole(length);
  }

  end(): void {
    this.#extractor.end();
    if (this.#file) this.digests.set(this.#file.name, `sha256:${this.#file.hash.digest('hex')}`);
    this.#file = undefined;
  }

  #isBelowLink(name: ByteString): boolean {
    if (this.#links.size === 0) return false;
    for (let at = posix.dirname(name); at !== '.' && at !== '/'; at = posix.dirname(at)) {
      if (this.#links.has(at)) return true;
    }
    return false;
  }
}
