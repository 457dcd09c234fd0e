import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  read as readWithCallback,
} from 'node:fs';
import { promisify } from 'node:util';
import { systemErrorCode } from '../../shared/errors.js';
import type { ByteString, TarEntryType } from '../../shared/tar/tar-entry.js';
import { tarEnd, tarHeader, tarPadding } from '../../shared/tar/tar-writer.js';
import { descriptorPath, O_PATH } from '../kernel/rooted-open.js';
import type { Path } from '../kernel/system-error.js';
import { xattrIn } from '../userns/file-capability.js';
import { containerOwner, containerOwnerOrSame, type IdMap, type Owner } from '../userns/id-map.js';
import { type SystemCalls, systemCalls } from './system-calls.js';

/** What a tree is read with: how it looks in the archive is the caller's. */
export interface TarTreeOptions {
  /** The directory (or a path that ends in a descriptor of it). */
  readonly directory: string;
  /** What names begin with: "" for "etc/hosts", "dir/" for "dir/etc/hosts". */
  readonly prefix: ByteString;
  /** The entry of the directory itself; undefined for none. */
  readonly rootName?: ByteString | undefined;
  /** Only this name in the directory. */
  readonly only?: ByteString | undefined;
  /** What stands in the archive in place of a file or directory: "keep" is itself. */
  readonly translate?: (found: FoundFile) => Translation;
  readonly libc?: Pick<SystemCalls, 'getXattr' | 'listXattrs'>;
  /** Owners are what a process with this map sees; with `foreignOwners` those stay that it does not have. */
  readonly idMap?: IdMap | undefined;
  readonly foreignOwners?: boolean;
  /** Which extended attributes are kept; else, as Docker does, the capabilities of programs and what users have set. */
  readonly keepXattr?: (name: string) => boolean;
  /** Times with their nanoseconds, instead of whole seconds. */
  readonly exactTimes?: boolean;
}

export interface FoundFile {
  /** Relative to the directory; empty for the directory itself. */
  readonly path: ByteString;
  /** For system calls. Its last component is not to be followed when it is a link. */
  readonly at: Path;
  readonly stat: BigIntStats;
}

/** "keep", "skip" (with all below), or headers: in place of a file, behind a directory's own. */
export type Translation = 'keep' | 'skip' | { readonly replace: Buffer } | { readonly append: Buffer };

/**
 * A tree of files as an uncompressed tar, in pieces of up to 1 MiB: names of a directory in the order of their
 * bytes, directories before what is in them, times in whole seconds, hard links as such, numeric owners only. The
 * same tree is always the same archive. Sockets are left out, and so is what vanishes meanwhile; a file that
 * shrinks while it is read is filled with zeros.
 *
 * No symbolic link is followed, also where a process changes the tree at the same time: every name is looked up in
 * a descriptor of its directory.
 */
export async function* tarTree(options: TarTreeOptions): AsyncGenerator<Buffer> {
  const walk = new TreeWalk(options);
  try {
    yield* walk.run();
  } finally {
    walk.close();
  }
}

const read = promisify(readWithCallback);

class TreeWalk {
  readonly #options: TarTreeOptions;
  readonly #libc: Pick<SystemCalls, 'getXattr' | 'listXattrs'>;
  /** Names of files with several links, by device and inode. */
  readonly #seen = new Map<string, ByteString>();
  readonly #descriptors: number[] = [];
  #pieces: Buffer[] = [];
  #length = 0;

  constructor(options: TarTreeOptions) {
    this.#options = options;
    this.#libc = options.libc ?? systemCalls;
  }

  close(): void {
    for (const fd of this.#descriptors.splice(0)) closeSync(fd);
  }

  async *run(): AsyncGenerator<Buffer> {
    const { directory, rootName, only } = this.#options;
    const root = openSync(directory, O_DIRECTORY);
    this.#descriptors.push(root);
    if (rootName !== undefined) this.#addRoot(root, rootName);
    yield* this.#directory(root, '', only === undefined ? undefined : [only]);
    this.#add(tarEnd);
    yield this.#take();
  }

  #addRoot(fd: number, name: ByteString): void {
    const at = `/proc/self/fd/${fd}/.`;
    const stat = lstatSync(at, { bigint: true });
    const translation = this.#options.translate?.({ path: '', at, stat }) ?? 'keep';
    if (translation === 'skip') return;
    this.#add(this.#header(name, at, stat, 'directory'));
    if (typeof translation === 'object' && 'append' in translation) this.#add(translation.append);
  }

  async *#directory(fd: number, path: ByteString, names = namesIn(fd)): AsyncGenerator<Buffer> {
    for (const name of names) {
      yield* this.#entry(fd, path === '' ? name : `${path}/${name}`, name);
      if (this.#length >= PIECE) yield this.#take();
    }
  }

  async *#entry(parent: number, path: ByteString, name: ByteString): AsyncGenerator<Buffer> {
    const at = Buffer.from(`/proc/self/fd/${parent}/${name}`, 'latin1');
    const stat = unlessGone(() => lstatSync(at, { bigint: true }));
    if (!stat) return;
    const translation = this.#options.translate?.({ path, at, stat }) ?? 'keep';
    if (translation === 'skip') return;
    if (typeof translation === 'object' && 'replace' in translation) {
      this.#add(translation.replace);
      return;
    }
    if (stat.isDirectory()) {
      const append = typeof translation === 'object' ? translation.append : undefined;
      yield* this.#subdirectory(at, path, stat, append);
    } else if (stat.isFile()) yield* this.#file(at, path);
    else this.#special(at, path, stat);
  }

  async *#subdirectory(
    at: Buffer,
    path: ByteString,
    stat: BigIntStats,
    append: Buffer | undefined,
  ): AsyncGenerator<Buffer> {
    const fd = unlessGone(() => openSync(at, O_DIRECTORY | constants.O_NOFOLLOW));
    if (fd === undefined) return;
    this.#descriptors.push(fd);
    this.#add(this.#header(`${this.#options.prefix}${path}/`, at, stat, 'directory'));
    if (append) this.#add(append);
    yield* this.#directory(fd, path);
    this.#descriptors.pop();
    closeSync(fd);
  }

  async *#file(at: Buffer, path: ByteString): AsyncGenerator<Buffer> {
    // First the place only, for by now it may be a device, which opening could wake.
    const place = unlessGone(() => openSync(at, O_PATH | constants.O_NOFOLLOW));
    if (place === undefined) return;
    this.#descriptors.push(place);
    const stat = fstatSync(place, { bigint: true });
    const name = `${this.#options.prefix}${path}`;
    if (stat.isFile() && !this.#addHardLink(name, stat)) {
      this.#add(this.#header(name, at, stat, 'file'));
      yield* this.#content(openSync(descriptorPath(place), constants.O_RDONLY), Number(stat.size));
    }
    this.#descriptors.pop();
    closeSync(place);
  }

  async *#content(fd: number, size: number): AsyncGenerator<Buffer> {
    this.#descriptors.push(fd);
    for (let left = size; left > 0; ) {
      const piece = Buffer.allocUnsafe(Math.min(left, PIECE));
      const length =
        left <= SMALL ? readSync(fd, piece) : (await read(fd, piece, 0, piece.length, null)).bytesRead;
      const got = length === 0 ? piece.fill(0) : piece.subarray(0, length);
      left -= got.length;
      this.#add(got);
      if (this.#length >= PIECE) yield this.#take();
    }
    this.#add(tarPadding(size));
    this.#descriptors.pop();
    closeSync(fd);
  }

  #special(at: Buffer, path: ByteString, stat: BigIntStats): void {
    const name = `${this.#options.prefix}${path}`;
    const type = specialType(stat);
    if (type === undefined || this.#addHardLink(name, stat)) return;
    const header = unlessGone(() => this.#header(name, at, stat, type));
    if (header) this.#add(header);
  }

  /** True when the content has been in the archive before. */
  #addHardLink(name: ByteString, stat: BigIntStats): boolean {
    if (stat.nlink < 2n) return false;
    const key = `${stat.dev}:${stat.ino}`;
    const first = this.#seen.get(key);
    if (first === undefined) {
      this.#seen.set(key, name);
      return false;
    }
    this.#add(tarHeader({ ...this.#metadata(stat), type: 'hard-link', name, linkName: first }));
    return true;
  }

  #header(name: ByteString, at: Path, stat: BigIntStats, type: TarEntryType): Buffer {
    return tarHeader({
      ...this.#metadata(stat),
      type,
      name,
      size: type === 'file' ? Number(stat.size) : 0,
      ...(type === 'symlink' && { linkName: readlinkSync(at, 'latin1') }),
      ...(type.endsWith('-device') && deviceNumbers(stat)),
      xattrs: type === 'file' || type === 'directory' ? this.#xattrs(at) : undefined,
    });
  }

  #xattrs(at: Path): ReadonlyMap<ByteString, Buffer> | undefined {
    const found = new Map<ByteString, Buffer>();
    const keep = this.#options.keepXattr ?? isKept;
    for (const name of (unlessGone(() => this.#libc.listXattrs(at)) ?? []).filter(keep)) {
      const value = unlessGone(() => this.#libc.getXattr(at, name));
      if (value) found.set(Buffer.from(name).toString('latin1'), xattrIn(this.#options.idMap, name, value));
    }
    return found.size > 0 ? found : undefined;
  }

  #metadata(stat: BigIntStats) {
    const fraction = ((stat.mtimeNs % SECOND) + SECOND) % SECOND;
    return {
      mode: Number(stat.mode & 0o7777n),
      ...this.#ownerOf({ uid: Number(stat.uid), gid: Number(stat.gid) }),
      mtime: this.#options.exactTimes ? stat.mtimeNs : stat.mtimeNs - fraction,
    };
  }

  #ownerOf(owner: Owner): Owner {
    const { idMap, foreignOwners } = this.#options;
    return (foreignOwners ? containerOwnerOrSame : containerOwner)(idMap, owner);
  }

  #add(bytes: Buffer): void {
    this.#pieces.push(bytes);
    this.#length += bytes.length;
  }

  #take(): Buffer {
    const whole = this.#pieces.length === 1 ? this.#pieces[0] : undefined;
    const bytes = whole ?? Buffer.concat(this.#pieces, this.#length);
    this.#pieces = [];
    this.#length = 0;
    return bytes;
  }
}

const PIECE = 1024 * 1024;
/** Read at once: a turn in the thread pool costs more. */
const SMALL = 64 * 1024;
const O_DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY;

function namesIn(fd: number): ByteString[] {
  const names = unlessGone(() => readdirSync(`/proc/self/fd/${fd}/.`, { encoding: 'latin1' }));
  return (names ?? []).sort((a, b) => (a < b ? -1 : 1));
}

const SECOND = 1_000_000_000n;

function isKept(name: string): boolean {
  return name === 'security.capability' || /^user\.(?!overlay\.)/.test(name);
}

/** Undefined for a socket. */
export function specialType(
  stat: BigIntStats,
): Extract<TarEntryType, 'symlink' | 'fifo' | `${string}-device`> | undefined {
  if (stat.isSymbolicLink()) return 'symlink';
  if (stat.isCharacterDevice()) return 'character-device';
  if (stat.isBlockDevice()) return 'block-device';
  return stat.isFIFO() ? 'fifo' : undefined;
}

/** The kernel's encoding, as in `mknod`. */
export function deviceNumbers({ rdev }: BigIntStats): { readonly major: number; readonly minor: number } {
  const device = Number(rdev);
  return { major: (device >>> 8) & 0xfff, minor: (device & 0xff) | ((device >>> 12) & 0xfff00) };
}

function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (GONE.has(systemErrorCode(error) ?? '')) return undefined;
    throw error;
  }
}

/** Removed, or replaced by something else: a link (ELOOP), a fifo without a reader (ENXIO). */
const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO']);
