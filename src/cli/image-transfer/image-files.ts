import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { readTar } from '../../shared/tar/read-tar.js';
import { imageFilesInvalid } from './errors.js';

/** The files of an image archive or layout, by their names in it. */
export interface ImageFiles {
  has(name: string): boolean;
  size(name: string): number;
  /** For documents. Throws IMAGE_FILES_INVALID for what is none. */
  read(name: string): Promise<Buffer>;
  open(name: string): Readable;
}

interface Place {
  readonly path: string;
  readonly start: number;
  readonly size: number;
}

/** The files of an uncompressed tar on the disk. Nothing is unpacked. */
export async function tarFiles(path: string, signal: AbortSignal): Promise<ImageFiles> {
  const places = new Map<string, Place>();
  const links = new Map<string, string>();
  let seen = 0;
  let current: { readonly name: string; readonly size: number; start: number | undefined } | undefined;
  await readTar(
    createReadStream(path, { highWaterMark: 1 << 20 }),
    {
      begin({ name, type, size, linkName }) {
        const clean = cleanName(name);
        if (type === 'symlink') links.set(clean, join(clean, '..', linkName));
        current = type === 'file' ? { name: clean, size, start: undefined } : undefined;
        if (size === 0 && current) places.set(clean, { path, start: 0, size });
      },
      data(chunk, ahead) {
        if (!current || current.start !== undefined) return;
        current.start = seen - ahead - chunk.length;
        places.set(current.name, { path, start: current.start, size: current.size });
      },
      hole() {
        throw imageFilesInvalid(
          `"${current?.name}" is stored as a sparse file; write the archive without tar's --sparse`,
        );
      },
      end() {},
    },
    { signal, onBytes: (chunk) => (seen += chunk.length) },
  );
  return new Places(places, links);
}

/** The files of an OCI layout's directory, or of an unpacked archive. */
export async function directoryFiles(directory: string): Promise<ImageFiles> {
  const places = new Map<string, Place>();
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    const found = await stat(path).catch(() => undefined); // a link may lead nowhere
    const name = path.slice(join(directory, '/').length).replaceAll('\\', '/');
    if (found?.isFile()) places.set(name, { path, start: 0, size: found.size });
  }
  return new Places(places, new Map());
}

class Places implements ImageFiles {
  readonly #places: ReadonlyMap<string, Place>;
  readonly #links: ReadonlyMap<string, string>;

  constructor(places: ReadonlyMap<string, Place>, links: ReadonlyMap<string, string>) {
    this.#places = places;
    this.#links = links;
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  size(name: string): number {
    return this.#require(name).size;
  }

  async read(name: string): Promise<Buffer> {
    const { path, start, size } = this.#require(name);
    if (size > largestDocument) throw imageFilesInvalid(`"${name}" is too large`);
    if (start === 0 && size === 0) return Buffer.alloc(0);
    if (start === 0) return (await readFile(path)).subarray(0, size);
    return Buffer.concat(await this.open(name).toArray());
  }

  open(name: string): Readable {
    const { path, start, size } = this.#require(name);
    if (size === 0) return Readable.from([]);
    return createReadStream(path, { start, end: start + size - 1, highWaterMark: 1 << 20 });
  }

  /** Old `docker save` wrote links for layers that are the same. */
  #find(name: string): Place | undefined {
    const clean = cleanName(name);
    return this.#places.get(clean) ?? this.#places.get(this.#links.get(clean) ?? '');
  }

  #require(name: string): Place {
    const place = this.#find(name);
    if (!place) throw imageFilesInvalid(`"${name}" is missing`);
    return place;
  }
}

const largestDocument = 16 * 1024 * 1024;

function cleanName(name: string): string {
  return name.replace(/^(?:\.\/)+/, '');
}
