import { createHash, type Hash } from 'node:crypto';
import {
  type BigIntStats,
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { join, posix } from 'node:path';
import { permissions, sentType } from '../../../buildkit/go-file-mode.js';
import type { FileStat } from '../../../buildkit/wire/session.js';
import type { Digest } from '../../../shared/digest.js';
import { type ByteString, toByteString } from '../../../shared/tar/tar-entry.js';
import { isHole } from '../../../shared/zeros.js';
import { mknod, setTimes } from '../../kernel/libc.js';
import { syncFailed } from '../errors.js';

/** A file that the client was asked for. Few of them are on their way at a time, so that the rest are small. */
interface Awaited {
  readonly path: string;
  readonly mode: number;
  readonly modTime: bigint;
  arriving: Arriving | undefined;
}

interface Arriving {
  readonly hash: Hash;
  readonly fd: number;
  position: number;
  endsInHole: boolean;
}

/**
 * A directory on its way to be what a client has told. Nobody else writes to it, and of what is told only names in
 * directories that were told before are taken: nothing outside of it is touched. Runs of zeros become holes. A
 * file gets its time when it is whole, so that one that was cut off does not pass for it at the next sync. Call
 * `dispose` in any case.
 */
export class SyncedDirectory {
  readonly #root: string;
  readonly #digests: Map<ByteString, Digest>;
  readonly #told = new Map<string, ReturnType<typeof sentType>>();
  /** With their times, but for the root's. */
  readonly #directories = new Map<string, bigint | undefined>([['', undefined]]);
  readonly #links = new Map<string, string>();
  readonly #awaited = new Map<number, Awaited>();

  constructor(root: string, digests: Map<ByteString, Digest>) {
    this.#root = root;
    this.#digests = digests;
  }

  /** Throws FILE_SYNC_FAILED for a name that leads elsewhere. */
  tell(number: number, stat: FileStat): 'there' | 'missing' {
    const { path } = stat;
    const parent = posix.dirname(path);
    const isInside =
      posix.normalize(path) === path && !/^(?:\/|\.\.?(?:\/|$))/.test(path) && !path.includes('\0');
    if (!isInside || !this.#directories.has(parent === '.' ? '' : parent) || this.#told.has(path)) {
      throw syncFailed(`${JSON.stringify(path)} is not a name to be expected here`);
    }
    const type = sentType(stat.mode);
    this.#told.set(path, type);
    const found = lstatSync(this.#at(path), { bigint: true, throwIfNoEntry: false });
    switch (type) {
      case 'directory':
        this.#makeDirectory(path, stat, found);
        return 'there';
      case 'symlink':
        this.#makeSymlink(path, stat, found);
        return 'there';
      case 'file':
        if (stat.linkname !== '') {
          this.#links.set(path, stat.linkname); // made when all are there
          return 'there';
        }
        if (found && isSame(found, stat)) return 'there';
        this.#remove(path);
        this.#awaited.set(number, { path, mode: stat.mode, modTime: stat.modTime, arriving: undefined });
        return 'missing';
      case 'fifo':
        this.#remove(path);
        mknod(this.#at(path), 0o010000 + permissions(stat.mode), 0, 0);
        return 'there';
      default:
        this.#told.delete(path); // sockets and devices are no part of a build context
        return 'there';
    }
  }

  write(number: number, data: Uint8Array): void {
    const { arriving } = this.#open(number);
    arriving.hash.update(data);
    arriving.endsInHole = isHole(data);
    if (!arriving.endsInHole) {
      for (let at = 0; at < data.length; ) {
        at += writeSync(arriving.fd, data, at, data.length - at, arriving.position + at);
      }
    }
    arriving.position += data.length;
  }

  end(number: number): void {
    const { file, arriving } = this.#open(number);
    const { hash, fd, position, endsInHole } = arriving;
    this.#awaited.delete(number);
    try {
      if (endsInHole) ftruncateSync(fd, position);
      fchmodSync(fd, permissions(file.mode));
    } finally {
      closeSync(fd);
    }
    setTimes(this.#at(file.path), file.modTime, file.modTime);
    this.#digests.set(toByteString(file.path), `sha256:${hash.digest('hex')}`);
  }

  /** When all is there: hard links are made, the rest is removed, directories get their times. */
  finish(): void {
    for (const [path, target] of this.#links) this.#link(path, target);
    for (const directory of this.#directories.keys()) this.#removeUntold(directory);
    for (const [path, modTime] of [...this.#directories].reverse()) {
      if (modTime !== undefined) setTimes(this.#at(path), modTime, modTime);
    }
  }

  dispose(): void {
    for (const { arriving } of this.#awaited.values()) if (arriving) closeSync(arriving.fd);
  }

  #open(number: number): { readonly file: Awaited; readonly arriving: Arriving } {
    const file = this.#awaited.get(number);
    if (!file) throw syncFailed(`the client sent file ${number}, which was not asked for`);
    file.arriving ??= {
      ...{ hash: createHash('sha256'), fd: openSync(this.#at(file.path), createFlags, 0o600) },
      ...{ position: 0, endsInHole: false },
    };
    return { file, arriving: file.arriving };
  }

  #makeDirectory(path: string, { mode, modTime }: FileStat, found: BigIntStats | undefined): void {
    this.#directories.set(path, modTime);
    if (!found?.isDirectory()) {
      this.#remove(path);
      mkdirSync(this.#at(path));
    }
    if (!found || Number(found.mode & 0o7777n) !== permissions(mode))
      chmodSync(this.#at(path), permissions(mode));
  }

  #makeSymlink(path: string, { linkname, modTime }: FileStat, found: BigIntStats | undefined): void {
    if (found?.isSymbolicLink() && readlinkSync(this.#at(path)) === linkname) return;
    this.#remove(path);
    symlinkSync(linkname, this.#at(path));
    setTimes(this.#at(path), modTime, modTime);
  }

  #link(path: string, target: string): void {
    if (this.#told.get(target) !== 'file') {
      throw syncFailed(`${JSON.stringify(path)} is a link to ${JSON.stringify(target)}, which is not there`);
    }
    this.#remove(path);
    linkSync(this.#at(target), this.#at(path));
  }

  #removeUntold(directory: string): void {
    for (const name of readdirSync(this.#at(directory))) {
      const path = directory === '' ? name : `${directory}/${name}`;
      if (!this.#told.has(path)) this.#remove(path);
    }
  }

  #remove(path: string): void {
    this.#digests.delete(toByteString(path));
    rmSync(this.#at(path), { recursive: true, force: true });
  }

  #at(path: string): string {
    return join(this.#root, path);
  }
}

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
const createFlags = O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY;

function isSame(found: BigIntStats, { size, modTime, mode }: FileStat): boolean {
  return (
    found.isFile() &&
    found.size === BigInt(size) &&
    found.mtimeNs === modTime &&
    Number(found.mode & 0o7777n) === permissions(mode)
  );
}
