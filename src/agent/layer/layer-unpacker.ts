import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  ftruncateSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { systemErrorCode } from '../../shared/errors.js';
import {
  type ByteString,
  byteStringPath,
  type TarEntry,
  type TarEntryType,
} from '../../shared/tar/tar-entry.js';
import type { SparseTarHandler } from '../../shared/tar/tar-handler.js';
import { baseName, entryPath, parentPath } from './entry-path.js';
import { setEntryXattrs } from './entry-xattrs.js';
import { layerEntryInvalid, layerInvalid } from './errors.js';
import { type LayerLimits, layerLimits } from './layer-limits.js';
import { resolveDirectory } from './link-resolution.js';
import type { SystemCalls } from './system-calls.js';
import { isAufsMetadata, opaqueMarker, whiteoutPrefix, whiteoutTarget } from './whiteout.js';
import { writeData } from './write-data.js';

/**
 * Writes the entries of a layer below a fresh directory that nobody else writes to, as overlayfs wants a lower
 * directory: a whiteout becomes a character device 0/0, an opaque mark an xattr (kernel, overlayfs.rst,
 * "whiteouts and opaque directories").
 *
 * Nothing is ever written through a symbolic link: a parent must be a directory that this unpacker made, and
 * every path is checked against that knowledge. An entry below a link of the same layer goes where that leads inside the
 * layer, as with Docker. Memory: the names of directories and whiteouts, of which there are at most `limits.names`. Call
 * `finish` after the last entry.
 */
export class LayerUnpacker implements SparseTarHandler {
  readonly #root: ByteString;
  readonly #libc: SystemCalls;
  /** Every directory below the root, with the times it gets when nothing is written into it any more. */
  readonly #directories = new Map<ByteString, bigint | undefined>([['', undefined]]);
  readonly #whiteouts = new Set<ByteString>();
  #file: OpenFile | undefined;
  readonly #limits: LayerLimits;
  #size = 0;
  #entries = 0;

  constructor(root: string, libc: SystemCalls, limits: LayerLimits = layerLimits) {
    this.#root = Buffer.from(root).toString('latin1');
    this.#libc = libc;
    this.#limits = limits;
  }

  /** Bytes of all files, with their holes. */
  get size(): number {
    return this.#size;
  }

  /** The file that the present entry's content goes into. */
  get writing(): ByteString | undefined {
    return this.#file?.path;
  }

  begin(entry: TarEntry): void {
    this.#checkLimits();
    const path = entryPath(entry.name);
    if (path === '') this.#setRoot(entry);
    else if (!isAufsMetadata(path)) this.#add(entry, this.#resolve(path, entry.name));
  }

  data(chunk: Buffer): void {
    if (!this.#file) return; // content of a skipped entry
    const { fd, position, written } = this.#file;
    this.#file.written = Math.max(written, writeData(fd, chunk, position));
    this.#file.position += chunk.length;
    this.#size += chunk.length;
  }

  hole(length: number): void {
    if (!this.#file) return;
    this.#file.position += length;
    this.#size += length;
  }

  end(): void {
    if (!this.#file) return;
    const { fd, entry, path, position, written } = this.#file;
    this.#file = undefined;
    try {
      if (written < position) ftruncateSync(fd, position); // it ends with a hole
      fchownSync(fd, entry.uid, entry.gid);
      fchmodSync(fd, entry.mode); // after chown, which takes setuid away
    } finally {
      closeSync(fd);
    }
    this.#setXattrs(entry, path); // after chown, which takes security.capability away
    this.#setTimes(path, entry.mtime);
  }

  /** Gives directories their times, deepest first. */
  finish(): void {
    for (const [path, mtime] of [...this.#directories].reverse()) {
      if (mtime !== undefined) this.#setTimes(path, mtime);
    }
  }

  /** Closes what is open when the archive broke off. */
  dispose(): void {
    if (this.#file) closeSync(this.#file.fd);
    this.#file = undefined;
  }

  #add(entry: TarEntry, path: ByteString): void {
    this.#requireParent(entry, parentPath(path));
    if (baseName(path) === opaqueMarker) this.#setOpaque(parentPath(path));
    else if (baseName(path).startsWith(whiteoutPrefix)) this.#whiteout(entry, path);
    else if (entry.type === 'directory') this.#directory(entry, path);
    else this.#leaf(entry, path);
  }

  #checkLimits(): void {
    const { entries, names } = this.#limits;
    if (++this.#entries > entries) throw layerInvalid(`it has more than ${entries} entries`);
    if (this.#directories.size + this.#whiteouts.size > names) {
      throw layerInvalid(`it has more than ${names} directories and whiteouts`);
    }
  }

  /** The same path without links on the way; its last component is not followed. */
  #resolve(path: ByteString, entryName: ByteString): ByteString {
    const parent = parentPath(path);
    if (this.#directories.has(parent)) return path;
    const resolved = resolveDirectory(parent, entryName, (each) => this.#linkAt(each));
    return resolved === '' ? baseName(path) : `${resolved}/${baseName(path)}`;
  }

  #linkAt(path: ByteString): ByteString | undefined {
    if (this.#directories.has(path)) return undefined;
    try {
      return readlinkSync(this.#at(path), 'latin1');
    } catch (error) {
      if (['EINVAL', 'ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) return undefined;
      throw error;
    }
  }

  #leaf(entry: TarEntry, path: ByteString): void {
    if (this.#directories.has(path)) this.#clear(path);
    if (entry.type === 'file') {
      const fd = this.#replacing(path, () => openSync(this.#at(path), createFlags, 0o600));
      this.#file = { fd, entry, path, position: 0, written: 0 };
    } else {
      this.#replacing(path, () => this.#make(entry, path));
      this.#setOwner(entry, path);
    }
  }

  #setRoot(entry: TarEntry): void {
    if (entry.type !== 'directory') throw layerEntryInvalid(entry.name, 'is the root but no directory');
    this.#setDirectory(entry, '');
  }

  /** Makes missing parents, as docker does. */
  #requireParent(entry: TarEntry, parent: ByteString): void {
    if (this.#directories.has(parent)) return;
    this.#requireParent(entry, parentPath(parent));
    const kind = this.#kindOf(parent);
    if (kind === 'other') throw layerEntryInvalid(entry.name, 'is below something that is not a directory');
    this.#makeDirectory(parent);
  }

  #directory(entry: TarEntry, path: ByteString): void {
    if (!this.#directories.has(path)) this.#makeDirectory(path);
    this.#setDirectory(entry, path);
  }

  #makeDirectory(path: ByteString): void {
    const hides = this.#whiteouts.delete(path);
    this.#replacing(path, () => mkdirSync(this.#at(path), 0o755));
    chmodSync(this.#at(path), 0o755); // the umask may have taken bits away
    if (hides) this.#setOpaque(path); // what is below was whited out by this very layer
    this.#directories.set(path, undefined);
  }

  #setDirectory(entry: TarEntry, path: ByteString): void {
    lchownSync(this.#at(path), entry.uid, entry.gid);
    chmodSync(this.#at(path), entry.mode);
    this.#setXattrs(entry, path);
    this.#directories.set(path, entry.mtime);
  }

  #make(entry: TarEntry, path: ByteString): void {
    const at = this.#at(path);
    if (entry.type === 'symlink') {
      if (entry.linkName === '') throw layerEntryInvalid(entry.name, 'is a link without a target');
      symlinkSync(byteStringPath(entry.linkName), at); // verbatim: it means something only inside the container
    } else if (entry.type === 'hard-link') {
      linkSync(this.#linkTarget(entry, path), at);
    } else {
      this.#libc.mknod(at, (deviceTypes[entry.type] ?? 0) | entry.mode, entry.major, entry.minor);
    }
  }

  #linkTarget(entry: TarEntry, path: ByteString): string | Buffer {
    const target = this.#resolve(entryPath(entry.linkName), entry.name);
    const isLinkable = this.#directories.has(parentPath(target)) && !this.#directories.has(target);
    if (!isLinkable || target === path || this.#kindOf(target) === 'missing') {
      throw layerEntryInvalid(
        entry.name,
        `links to ${JSON.stringify(entry.linkName)}, which is not in the layer`,
      );
    }
    return this.#at(target);
  }

  #setOwner(entry: TarEntry, path: ByteString): void {
    if (entry.type === 'hard-link') return; // the target has its own
    const at = this.#at(path);
    lchownSync(at, entry.uid, entry.gid);
    if (entry.type !== 'symlink') chmodSync(at, entry.mode);
    this.#setXattrs(entry, path);
    this.#setTimes(path, entry.mtime);
  }

  #whiteout(entry: TarEntry, path: ByteString): void {
    const target = whiteoutTarget(entry.name, path);
    if (this.#directories.has(target)) this.#setOpaque(target);
    if (this.#kindOf(target) === 'other') return; // whiteouts speak of lower layers only
    this.#libc.mknod(this.#at(target), constants.S_IFCHR, 0, 0);
    lchownSync(this.#at(target), entry.uid, entry.gid);
    this.#whiteouts.add(target);
  }

  #setOpaque(path: ByteString): void {
    this.#libc.setXattr(this.#at(path), 'trusted.overlay.opaque', Buffer.from('y'));
  }

  /** A later entry of the same name wins. */
  #replacing<T>(path: ByteString, make: () => T): T {
    try {
      return make();
    } catch (error) {
      if (systemErrorCode(error) !== 'EEXIST') throw error;
      this.#clear(path);
      return make();
    }
  }

  #clear(path: ByteString): void {
    rmSync(this.#at(path), { recursive: true, force: true });
    this.#whiteouts.delete(path);
    if (!this.#directories.delete(path)) return;
    for (const other of [...this.#directories.keys(), ...this.#whiteouts]) {
      if (!other.startsWith(`${path}/`)) continue;
      this.#directories.delete(other);
      this.#whiteouts.delete(other);
    }
  }

  #kindOf(path: ByteString): 'missing' | 'other' {
    if (this.#whiteouts.has(path)) return 'missing';
    return lstatSync(this.#at(path), { throwIfNoEntry: false }) ? 'other' : 'missing';
  }

  #setXattrs(entry: TarEntry, path: ByteString): void {
    if (entry.xattrs) setEntryXattrs(this.#libc, this.#at(path), entry.xattrs);
  }

  #setTimes(path: ByteString, mtime: bigint): void {
    this.#libc.setTimes(this.#at(path), mtime, mtime);
  }

  #at(path: ByteString): string | Buffer {
    return byteStringPath(path === '' ? this.#root : `${this.#root}/${path}`);
  }
}

interface OpenFile {
  readonly fd: number;
  readonly entry: TarEntry;
  readonly path: ByteString;
  position: number;
  /** Where the last data end. */
  written: number;
}

const createFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

const deviceTypes: Readonly<Partial<Record<TarEntryType, number>>> = {
  'character-device': constants.S_IFCHR,
  'block-device': constants.S_IFBLK,
  fifo: constants.S_IFIFO,
};
