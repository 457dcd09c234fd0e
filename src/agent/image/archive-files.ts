import { createHash, type Hash } from 'node:crypto';
import { closeSync, createReadStream, openSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { Readable } from 'node:stream';
import type { Digest } from '../../shared/digest.js';
import { byteStringText, type TarEntry } from '../../shared/tar/tar-entry.js';
import type { TarHandler } from '../../shared/tar/tar-handler.js';
import { imageArchiveInvalid } from './errors.js';

export interface ArchiveFile {
  readonly digest: Digest;
  readonly size: number;
  open(): Readable;
}

interface StoredFile {
  readonly path: string;
  readonly digest: Digest;
  readonly size: number;
}

/**
 * The files of an image archive, written to numbered files of a temporary directory: a name in the archive never
 * becomes a path. Only regular files, directories and symbolic links within the archive (old `docker save` wrote
 * them for layers that are the same) are accepted; everything else is refused with IMAGE_ARCHIVE_INVALID.
 */
export class ArchiveFiles implements TarHandler {
  readonly #directory: string;
  readonly #files = new Map<string, StoredFile>();
  readonly #links = new Map<string, string>();
  #current: { name: string; path: string; fd: number; hash: Hash; size: number } | undefined;
  #count = 0;

  constructor(temporaryDirectory: string) {
    this.#directory = temporaryDirectory;
  }

  begin(entry: TarEntry): void {
    const shown = byteStringText(entry.name);
    const name = archivePath(shown, shown);
    if (entry.type === 'directory') return;
    if (name === '') throw refused(shown, 'has no name');
    if (entry.type === 'symlink') this.#link(shown, name, byteStringText(entry.linkName));
    else if (entry.type === 'file') this.#create(name);
    else throw refused(shown, `is a ${entry.type.replace('-', ' ')}`);
  }

  data(chunk: Buffer): void {
    const current = this.#current;
    if (!current) return;
    current.hash.update(chunk);
    current.size += chunk.length;
    for (let at = 0; at < chunk.length; ) at += writeSync(current.fd, chunk, at);
  }

  end(): void {
    const current = this.#current;
    if (!current) return;
    this.#current = undefined;
    closeSync(current.fd);
    const digest: Digest = `sha256:${current.hash.digest('hex')}`;
    this.#links.delete(current.name);
    this.#files.set(current.name, { path: current.path, digest, size: current.size });
  }

  /** Closes what is open when the archive broke off. */
  dispose(): void {
    if (this.#current) closeSync(this.#current.fd);
    this.#current = undefined;
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  /** Throws IMAGE_ARCHIVE_INVALID when there is none. */
  file(name: string): ArchiveFile {
    const file = this.#find(name);
    if (!file) throw imageArchiveInvalid(`${JSON.stringify(name)} is missing`);
    const { path, digest, size } = file;
    return { digest, size, open: () => createReadStream(path, { highWaterMark: 256 * 1024 }) };
  }

  /** For the small files; throws IMAGE_ARCHIVE_INVALID for what is none. */
  async read(name: string): Promise<Buffer> {
    const file = this.#find(name);
    if (!file) throw imageArchiveInvalid(`${JSON.stringify(name)} is missing`);
    if (file.size > largestDocument) throw imageArchiveInvalid(`${JSON.stringify(name)} is too large`);
    return readFile(file.path);
  }

  #create(name: string): void {
    const path = join(this.#directory, String(this.#count++));
    this.#current = { name, path, fd: openSync(path, 'wx', 0o600), hash: createHash('sha256'), size: 0 };
  }

  #link(shown: string, name: string, target: string): void {
    if (target.startsWith('/')) throw refused(shown, 'is an absolute link');
    const resolved = posix.normalize(posix.join(posix.dirname(name), target));
    if (target === '' || resolved === '..' || resolved.startsWith('../')) {
      throw refused(shown, 'is a link out of the archive');
    }
    this.#files.delete(name);
    this.#links.set(name, resolved);
  }

  #find(name: string): StoredFile | undefined {
    let path = archivePath(name, name);
    for (let hops = 0; hops < 16; hops++) {
      const target = this.#links.get(path);
      if (target === undefined) return this.#files.get(path);
      path = target;
    }
    throw imageArchiveInvalid(`${JSON.stringify(name)} is a link that leads in a circle`);
  }
}

/** Manifests, indexes and configs. */
const largestDocument = 16 * 1024 * 1024;

function archivePath(name: string, shown: string): string {
  if (name.startsWith('/')) throw refused(shown, 'is absolute');
  if (name.includes('\0')) throw refused(shown, 'has a NUL byte in its name');
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw refused(shown, 'would leave the archive ("..")');
  return parts.join('/');
}

function refused(name: string, reason: string): Error {
  return imageArchiveInvalid(`entry ${JSON.stringify(name)} ${reason}`);
}
