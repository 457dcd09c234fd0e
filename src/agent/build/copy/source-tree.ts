import { type BigIntStats, lstatSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { Digest } from '../../../shared/digest.js';
import {
  type ByteString,
  byteStringPath,
  byteStringText,
  type TarEntryType,
  toByteString,
} from '../../../shared/tar/tar-entry.js';
import { getXattr, listXattrs } from '../../kernel/libc.js';
import { resolveInRoot } from '../../kernel/rooted-path.js';
import { deviceNumbers } from '../../layer/tar-tree.js';
import { contentDigest } from './file-content.js';

/** Files that COPY and ADD take from: a context, a stage, an image. Nobody changes them meanwhile. */
export interface SourceTree {
  /** A directory of this host. */
  readonly root: string;
  /** Of a file's content by its path from the root, where it is known. */
  readonly digests?: ReadonlyMap<ByteString, Digest>;
}

export interface SourceEntry {
  /** Relative to what is copied; empty for that itself. */
  readonly name: ByteString;
  readonly type: TarEntryType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: bigint;
  readonly linkName: ByteString;
  readonly major: number;
  readonly minor: number;
  readonly xattrs: ReadonlyMap<ByteString, Buffer> | undefined;
  /** For system calls. */
  readonly at: string | Buffer;
  /** Of a file's content. */
  readonly digest: Digest | undefined;
}

/** One thing that is copied: a file, or a directory with all below it. */
export interface SourceItem {
  /** Its path in the tree, as it was asked for. */
  readonly path: string;
  /** How much of its beginning COPY --parents leaves out: what is before "/./". */
  readonly pivot?: string;
  readonly isDirectory: boolean;
  /** Parents before what is in them. */
  readonly entries: readonly SourceEntry[];
}

/**
 * Reads a path of a tree, links to it followed, those in it kept. `keep` is asked with paths relative to what is
 * copied. Answers undefined when it is not there.
 */
export async function readItem(
  tree: SourceTree,
  path: string,
  keep: (path: string, isDirectory: boolean) => boolean,
  signal: AbortSignal,
): Promise<SourceItem | undefined> {
  const place = await resolveInRoot(tree.root, path);
  const at = toByteString(place);
  const stat = statSync(place, { bigint: true, throwIfNoEntry: false });
  if (!stat) return undefined;
  const walk = new Walk(tree, keep, signal);
  await walk.add('', at, stat);
  return { path, isDirectory: stat.isDirectory(), entries: walk.entries };
}

class Walk {
  readonly entries: SourceEntry[] = [];
  readonly #tree: SourceTree;
  readonly #keep: (path: string, isDirectory: boolean) => boolean;
  readonly #signal: AbortSignal;
  #turnBegan = performance.now();

  constructor(tree: SourceTree, keep: (path: string, isDirectory: boolean) => boolean, signal: AbortSignal) {
    this.#tree = tree;
    this.#keep = keep;
    this.#signal = signal;
  }

  async add(name: ByteString, at: ByteString, stat: BigIntStats): Promise<void> {
    if (performance.now() - this.#turnBegan > 10) {
      await setImmediate();
      this.#signal.throwIfAborted();
      this.#turnBegan = performance.now();
    }
    const isDirectory = stat.isDirectory();
    const isKept = name === '' || this.#keep(byteStringText(name), isDirectory);
    if (isKept) this.#push(name, at, stat);
    if (!isDirectory) return;
    const names = readdirSync(byteStringPath(at), { encoding: 'latin1' }).sort((a, b) => (a < b ? -1 : 1));
    for (const child of names) {
      const below = `${at}/${child}`;
      const found = lstatSync(byteStringPath(below), { bigint: true, throwIfNoEntry: false });
      if (found) await this.add(name === '' ? child : `${name}/${child}`, below, found);
    }
  }

  #push(name: ByteString, at: ByteString, stat: BigIntStats): void {
    const type = typeOf(stat);
    if (!type) return; // a socket
    const path = byteStringPath(at);
    this.entries.push({
      name,
      type,
      mode: Number(stat.mode & 0o7777n),
      uid: Number(stat.uid),
      gid: Number(stat.gid),
      size: type === 'file' ? Number(stat.size) : 0,
      mtime: stat.mtimeNs,
      ...deviceNumbers(stat),
      linkName: type === 'symlink' ? readlinkSync(path, 'latin1') : '',
      xattrs: type === 'symlink' ? undefined : xattrsOf(path),
      at: path,
      digest: type === 'file' ? this.#digestOf(at) : undefined,
    });
  }

  #digestOf(at: ByteString): Digest {
    const known = this.#tree.digests?.get(at.slice(toByteString(this.#tree.root).length + 1));
    return known ?? contentDigest(byteStringPath(at));
  }
}

function typeOf(stat: BigIntStats): TarEntryType | undefined {
  if (stat.isDirectory()) return 'directory';
  if (stat.isFile()) return 'file';
  if (stat.isSymbolicLink()) return 'symlink';
  if (stat.isFIFO()) return 'fifo';
  if (stat.isCharacterDevice()) return 'character-device';
  return stat.isBlockDevice() ? 'block-device' : undefined;
}

function xattrsOf(path: string | Buffer): ReadonlyMap<ByteString, Buffer> | undefined {
  const found = new Map<ByteString, Buffer>();
  for (const name of listXattrs(path)) {
    if (name !== 'security.capability' && !/^user\.(?!overlay\.)/.test(name)) continue;
    const value = getXattr(path, name);
    if (value) found.set(toByteString(name), value);
  }
  return found.size > 0 ? found : undefined;
}
