import {
  type BigIntStats,
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
  symlinkSync,
  writeSync,
} from 'node:fs';
import { posix } from 'node:path';
import { systemErrorCode } from '../../shared/errors.js';
import {
  type ByteString,
  byteStringPath,
  byteStringText,
  type TarEntry,
  type TarEntryType,
  toByteString,
} from '../../shared/tar/tar-entry.js';
import type { SparseTarHandler } from '../../shared/tar/tar-handler.js';
import { isHole } from '../../shared/zeros.js';
import { mknod, setTimes } from '../kernel/libc.js';
import { descriptorPath, O_PATH, openInRoot, pathInTree } from '../kernel/rooted-open.js';
import type { Path } from '../kernel/system-error.js';
import { setEntryXattrs } from '../layer/entry-xattrs.js';
import { systemCalls } from '../layer/system-calls.js';
import { hostOwner, type IdMap, type Owner } from '../userns/id-map.js';
import { hardLinkOutside, outside, overwritesDirectory, overwritesFile } from './errors.js';
import { removeTree } from './remove-tree.js';

export interface ExtractOptions {
  /** A directory takes no file's place, nor a file a directory's. */
  readonly noOverwriteDirNonDir: boolean;
  /** For all that is written; without it what the archive says. */
  readonly owner?: Owner | undefined;
  /** Of the container whose tree it is: the archive and `owner` speak of its users. Throws ID_NOT_MAPPED. */
  readonly idMap?: IdMap | undefined;
}

/**
 * Writes the entries of an archive into a directory of a tree in which processes may be at work, by the rules of
 * moby's Untar. Paths are looked up from the tree's root as a process in it would, and what is written is named in
 * a descriptor of its directory: nothing outside of the tree is touched. Runs of zeros become holes.
 *
 * Call `finish` after the last entry and `dispose` in any case. Throws WOULD_OVERWRITE, ARCHIVE_INVALID.
 */
export class TreeExtractor implements SparseTarHandler {
  readonly #root: number;
  /** Of the destination in the tree, without a slash at its end. */
  readonly #base: ByteString;
  readonly #options: ExtractOptions;
  readonly #directoryTimes = new Map<ByteString, bigint>();
  #parent: { readonly path: ByteString; readonly fd: number } | undefined;
  #file: { readonly fd: number; readonly at: Path; readonly entry: TarEntry; position: number } | undefined;

  /** The descriptors stay the caller's. */
  constructor(root: number, destination: number, options: ExtractOptions) {
    this.#root = root;
    this.#base = toByteString(pathInTree(destination)).replace(/\/$/, '');
    this.#options = options;
  }

  begin(entry: TarEntry): void {
    const path = this.#inside(entry.name);
    if (path === '') return; // the destination itself stays as it is
    const name = posix.basename(path);
    const parent = this.#openParent(posix.dirname(path));
    const at = inDirectory(parent, name);
    const found = lstatSync(at, { bigint: true, throwIfNoEntry: false });
    if (found) this.#makeRoom(entry, found, parent, name);
    this.#write(entry, path, at, found?.isDirectory() ?? false);
  }

  data(chunk: Buffer): void {
    const file = this.#file;
    if (!file) return;
    if (isHole(chunk)) {
      file.position += chunk.length;
      return;
    }
    for (let offset = 0; offset < chunk.length; ) {
      const written = writeSync(file.fd, chunk, offset, chunk.length - offset, file.position);
      offset += written;
      file.position += written;
    }
  }

  hole(length: number): void {
    if (this.#file) this.#file.position += length;
  }

  end(): void {
    if (!this.#file) return;
    const { fd, at, entry, position } = this.#file;
    this.#file = undefined;
    try {
      ftruncateSync(fd, position); // it may end with a hole
      const { uid, gid } = this.#ownerOf(entry);
      fchownSync(fd, uid, gid);
      fchmodSync(fd, entry.mode); // after chown, which takes setuid away
    } finally {
      closeSync(fd);
    }
    this.#finishMetadata(entry, at);
  }

  /** Gives directories their times, deepest first. */
  finish(): void {
    for (const [path, mtime] of [...this.#directoryTimes].reverse()) {
      const parent = this.#openParent(posix.dirname(path));
      const at = inDirectory(parent, posix.basename(path));
      if (lstatSync(at, { throwIfNoEntry: false })) setTimes(at, mtime, mtime);
    }
  }

  dispose(): void {
    if (this.#file) closeSync(this.#file.fd);
    if (this.#parent) closeSync(this.#parent.fd);
    this.#file = undefined;
    this.#parent = undefined;
  }

  /** Relative to the destination; empty for itself. */
  #inside(name: ByteString): ByteString {
    const path = posix.join('.', name).replace(/\/$/, '');
    if (path === '..' || path.startsWith('../')) {
      throw outside(byteStringText(name), byteStringText(this.#base) || '/');
    }
    return path === '.' ? '' : path;
  }

  #makeRoom(entry: TarEntry, found: BigIntStats, parent: number, name: ByteString): void {
    const isDirectory = found.isDirectory();
    const becomesDirectory = entry.type === 'directory';
    if (this.#options.noOverwriteDirNonDir && isDirectory !== becomesDirectory) {
      const place = byteStringText(`${this.#base}/${this.#inside(entry.name)}`);
      const root = byteStringText(this.#base) || '/';
      throw isDirectory ? overwritesDirectory(place, root) : overwritesFile(place, root);
    }
    if (!(isDirectory && becomesDirectory)) removeTree(parent, name);
  }

  #write(entry: TarEntry, path: ByteString, at: Path, isDirectory: boolean): void {
    switch (entry.type) {
      case 'directory':
        if (!isDirectory) mkdirSync(at, 0o755);
        this.#setOwner(entry, at);
        this.#directoryTimes.set(path, entry.mtime);
        return;
      case 'file': {
        const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
        this.#file = { fd: openSync(at, flags, 0o600), at, entry, position: 0 };
        return;
      }
      case 'hard-link':
        this.#link(entry, at);
        return;
      case 'symlink':
        symlinkSync(byteStringPath(entry.linkName), at);
        break;
      default:
        mknod(at, (deviceTypes[entry.type] ?? 0) | entry.mode, entry.major, entry.minor);
    }
    this.#setOwner(entry, at);
  }

  #link(entry: TarEntry, at: Path): void {
    const target = posix.join('.', entry.linkName);
    if (target === '..' || target.startsWith('../')) {
      throw hardLinkOutside(byteStringText(entry.name), byteStringText(entry.linkName));
    }
    const directory = this.#open(posix.dirname(target));
    try {
      linkSync(inDirectory(directory, posix.basename(target)), at);
    } finally {
      closeSync(directory);
    }
  }

  #setOwner(entry: TarEntry, at: Path): void {
    const { uid, gid } = this.#ownerOf(entry);
    lchownSync(at, uid, gid);
    if (entry.type !== 'symlink') changeMode(at, entry.mode);
    this.#finishMetadata(entry, at);
  }

  #finishMetadata(entry: TarEntry, at: Path): void {
    if (entry.xattrs) setEntryXattrs(systemCalls, at, entry.xattrs); // after chown, which takes capabilities away
    setTimes(at, entry.mtime, entry.mtime);
  }

  #ownerOf(entry: Owner): Owner {
    const { owner = entry, idMap } = this.#options;
    return hostOwner(idMap, owner);
  }

  /** Kept open for the entries that follow. */
  #openParent(path: ByteString): number {
    if (this.#parent?.path === path) return this.#parent.fd;
    const fd = this.#openMaking(path);
    if (this.#parent) closeSync(this.#parent.fd);
    this.#parent = { path, fd };
    return fd;
  }

  /** Missing directories are made, as moby does. */
  #openMaking(path: ByteString): number {
    try {
      return this.#open(path);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT' || path === '.') throw error;
    }
    const parent = this.#openMaking(posix.dirname(path));
    try {
      const at = inDirectory(parent, posix.basename(path));
      mkdirSync(at, 0o755);
      const { uid, gid } = this.#ownerOf({ uid: 0, gid: 0 });
      lchownSync(at, uid, gid);
    } finally {
      closeSync(parent);
    }
    return this.#open(path);
  }

  #open(path: ByteString): number {
    const whole = Buffer.from(`${this.#base}/${path}`, 'latin1');
    return openInRoot(this.#root, whole, O_PATH | constants.O_DIRECTORY);
  }
}

const deviceTypes: Readonly<Partial<Record<TarEntryType, number>>> = {
  'character-device': constants.S_IFCHR,
  'block-device': constants.S_IFBLK,
  fifo: constants.S_IFIFO,
};

function inDirectory(fd: number, name: ByteString): Path {
  return byteStringPath(`${descriptorPath(fd)}/${name}`);
}

/** chmod(2) follows links; this does not. */
function changeMode(at: Path, mode: number): void {
  const fd = openSync(at, O_PATH | constants.O_NOFOLLOW);
  try {
    if (!lstatSync(at).isSymbolicLink()) chmodSync(descriptorPath(fd), mode);
  } finally {
    closeSync(fd);
  }
}
