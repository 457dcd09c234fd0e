import { join, posix } from 'node:path';
import { isDigest } from '../../shared/digest.js';
import { byteStringText, type TarEntry } from '../../shared/tar/tar-entry.js';
import type { TarHandler } from '../../shared/tar/tar-handler.js';
import type { LayerStore } from '../layer/layer-store.js';
import type { ArchiveFile, ArrivingFile } from './archive-file.js';
import { ArchivedLayer } from './archived-layer.js';
import { layerHeadSize, looksLikeLayer } from './arriving-layer.js';
import { imageArchiveInvalid } from './errors.js';
import { SpooledFile } from './spooled-file.js';

export interface ArchiveFilesOptions {
  readonly temporaryDirectory: string;
  readonly layers: LayerStore;
  readonly signal: AbortSignal | undefined;
}

/**
 * The files of an image archive as they come: what looks like a layer is unpacked out of sight, all else written to
 * numbered files of a temporary directory; a name in the archive never becomes a path. Only regular files, directories
 * and symbolic links within the archive (old `docker save` wrote them for layers that are the same) are accepted;
 * everything else is refused with IMAGE_ARCHIVE_INVALID. Disposal removes what no image took.
 */
export class ArchiveFiles implements TarHandler, AsyncDisposable {
  readonly #options: ArchiveFilesOptions;
  /** Digests of layers that are here: such a file will hardly be needed, so it is not unpacked. */
  readonly #known: ReadonlySet<string>;
  readonly #files = new Map<string, ArrivingFile>();
  readonly #all: ArrivingFile[] = [];
  readonly #links = new Map<string, string>();
  #head: { name: string; pieces: Buffer[]; length: number } | undefined;
  #current: ArrivingFile | undefined;

  private constructor(options: ArchiveFilesOptions, known: ReadonlySet<string>) {
    this.#options = options;
    this.#known = known;
  }

  static async open(options: ArchiveFilesOptions): Promise<ArchiveFiles> {
    return new ArchiveFiles(options, await options.layers.contents());
  }

  begin(entry: TarEntry): void {
    const shown = byteStringText(entry.name);
    const name = archivePath(shown, shown);
    if (entry.type === 'directory') return;
    if (name === '') throw refused(shown, 'has no name');
    if (entry.type === 'symlink') this.#link(shown, name, byteStringText(entry.linkName));
    else if (entry.type === 'file') this.#head = { name, pieces: [], length: 0 };
    else throw refused(shown, `is a ${entry.type.replace('-', ' ')}`);
  }

  data(chunk: Buffer): void {
    if (!this.#head) {
      this.#current?.write(chunk);
      return;
    }
    this.#head.pieces.push(chunk);
    this.#head.length += chunk.length;
    if (this.#head.length >= layerHeadSize) this.#create(this.#head);
  }

  end(): void {
    if (this.#head) this.#create(this.#head);
    this.#current?.end();
    this.#current = undefined;
  }

  /** What to wait for before more is written. Throws what is wrong with the host. */
  get ready(): Promise<void> | undefined {
    return (this.#current ?? this.#all.at(-1))?.ready;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const file of this.#all) await file[Symbol.asyncDispose]();
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  /** Throws IMAGE_ARCHIVE_INVALID when there is none. */
  file(name: string): ArchiveFile {
    const file = this.#find(name);
    if (!file) throw imageArchiveInvalid(`${JSON.stringify(name)} is missing`);
    return file;
  }

  #create({ name, pieces }: { readonly name: string; readonly pieces: readonly Buffer[] }): void {
    const head = Buffer.concat(pieces);
    const { layers, signal, temporaryDirectory } = this.#options;
    const kind = this.#isKnown(name) ? undefined : looksLikeLayer(head);
    const file = kind
      ? new ArchivedLayer(name, { kind, layers, signal })
      : new SpooledFile(name, join(temporaryDirectory, String(this.#all.length)));
    this.#head = undefined;
    this.#current = file;
    this.#all.push(file);
    this.#links.delete(name);
    this.#files.set(name, file);
    file.write(head);
  }

  #isKnown(name: string): boolean {
    const digest = `sha256:${/^blobs\/sha256\/([0-9a-f]{64})$/.exec(name)?.[1]}`;
    return isDigest(digest) && this.#known.has(digest);
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

  #find(name: string): ArchiveFile | undefined {
    let path = archivePath(name, name);
    for (let hops = 0; hops < 16; hops++) {
      const target = this.#links.get(path);
      if (target === undefined) return this.#files.get(path);
      path = target;
    }
    throw imageArchiveInvalid(`${JSON.stringify(name)} is a link that leads in a circle`);
  }
}

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
