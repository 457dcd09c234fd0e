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

interface Awaited {
  readonly stat: FileStat;
  readonly hash: Hash;
  fd: number | undefined;
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
  readonly #told = new Map<string, FileStat>();
  readonly #directories = new Set<string>(['']);
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
    this.#told.set(path, stat);
    const found = lstatSync(this.#at(path), { bigint: true, throwIfNoEntry: false });
    switch (sentType(stat.mode)) {
      case 'directory':
        this.#makeDirectory(path, stat, found);
        return 'there';
      case 'symlink':
        this.#makeSymlink(path, stat, found);
        return 'there';
      case 'file':
        if (stat.linkname !== '') return 'there'; // a hard link, made when all are there
        if (found && isSame(found, stat)) return 'there';
        this.#remove(path);
        this.#awaited.set(number, {
          ...{ stat, hash: createHash('sha256'), fd: undefined },
          ...{ position: 0, endsInHole: false },
        });
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
    const { file, fd } = this.#open(number);
    file.hash.update(data);
    file.endsInHole = isHole(data);
    if (!file.endsInHole) {
      for (let at = 0; at < data.length; ) {
        at += writeSync(fd, data, at, data.length - at, file.position + at);
      }
    }
    file.position += data.length;
  }

  end(number: number): void {
    const { file, fd } = this.#open(number);
    const { stat, hash, position, endsInHole } = file;
    this.#awaited.delete(number);
    try {
      if (endsInHole) ftruncateSync(fd, position);
      fchmodSync(fd, permissions(stat.mode));
    } finally {
      closeSync(fd);
    }
    setTimes(this.#at(stat.path), stat.modTime, stat.modTime);
    this.#digests.set(toByteString(stat.path), `sha256:${hash.digest('hex')}`);
  }

  /** When all is there: hard links are made, the rest is removed, directories get their times. */
  finish(): void {
    for (const [path, stat] of this.#told) {
      if (stat.linkname !== '' && sentType(stat.mode) === 'file') this.#link(path, stat.linkname);
    }
    for (const directory of this.#directories) this.#removeUntold(directory);
    for (const [path, stat] of [...this.#told].reverse()) {
      if (sentType(stat.mode) === 'directory') setTimes(this.#at(path), stat.modTime, stat.modTime);
    }
  }

  dispose(): void {
    for (const { fd } of this.#awaited.values()) if (fd !== undefined) closeSync(fd);
  }

  #open(number: number): { readonly file: Awaited; readonly fd: number } {
    const file = this.#awaited.get(number);
    if (!file) throw syncFailed(`the client sent file ${number}, which was not asked for`);
    const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants;
    file.fd ??= openSync(this.#at(file.stat.path), O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o600);
    return { file, fd: file.fd };
  }

  #makeDirectory(path: string, { mode }: FileStat, found: BigIntStats | undefined): void {
    this.#directories.add(path);
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
    if (sentType(this.#told.get(target)?.mode ?? -1) !== 'file') {
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

function isSame(found: BigIntStats, { size, modTime, mode }: FileStat): boolean {
  return (
    found.isFile() &&
    found.size === BigInt(size) &&
    found.mtimeNs === modTime &&
    Number(found.mode & 0o7777n) === permissions(mode)
  );
}
