import { type BigIntStats, closeSync, constants, lstatSync, openSync, readdirSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { systemErrorCode } from '../../shared/errors.js';
import { type ByteString, byteStringPath } from '../../shared/tar/tar-entry.js';
import { descriptorPath } from '../kernel/rooted-open.js';
import { isOpaque, isWhiteout } from './layer-tar.js';
import { type SystemCalls, systemCalls } from './system-calls.js';

export interface LayerChange {
  readonly kind: 'modified' | 'added' | 'deleted';
  /** Relative to the root. */
  readonly path: ByteString;
}

export interface ChangesOptions {
  /** The layers below, as one tree; undefined when there are none. */
  readonly lower?: string | undefined;
  /** Paths that do not count where they are an empty file, or a directory of nothing but such: what mounts have left. */
  readonly mountPoints?: ReadonlySet<ByteString> | undefined;
  readonly libc?: Pick<SystemCalls, 'getXattr'>;
}

/**
 * What an overlay's upper directory changes, in the order of the paths' bytes, directory by directory. A directory
 * counts as modified when something in it is changed or its own mode, owner or time is.
 */
export async function layerChanges(upper: string, options: ChangesOptions = {}): Promise<LayerChange[]> {
  const walk = new ChangesWalk(options);
  const root = openSync(upper, O_DIRECTORY);
  try {
    await walk.directory(root, '', options.lower);
  } finally {
    closeSync(root);
  }
  return walk.changes;
}

class ChangesWalk {
  readonly changes: LayerChange[] = [];
  readonly #options: ChangesOptions;
  #turnBegan = performance.now();

  constructor(options: ChangesOptions) {
    this.#options = options;
  }

  /** Answers whether a mount point was left out. `lower` is the same directory below, if there is one. */
  async directory(fd: number, path: ByteString, lower: string | undefined): Promise<boolean> {
    let leftOut = false;
    const names = readdirSync(`${descriptorPath(fd)}/.`, { encoding: 'latin1' });
    for (const name of names.sort((a, b) => (a < b ? -1 : 1))) {
      const isMountPoint = await this.#entry(fd, path === '' ? name : `${path}/${name}`, name, lower);
      leftOut ||= isMountPoint;
    }
    if (performance.now() - this.#turnBegan > LONGEST_TURN) {
      await setImmediate();
      this.#turnBegan = performance.now();
    }
    return leftOut;
  }

  async #entry(
    parent: number,
    path: ByteString,
    name: ByteString,
    lower: string | undefined,
  ): Promise<boolean> {
    const at = byteStringPath(`${descriptorPath(parent)}/${name}`);
    const stat = lstatSync(at, { bigint: true, throwIfNoEntry: false });
    if (!stat) return false;
    const below = lower === undefined ? undefined : statBelow(lower, name);
    if (isWhiteout({ stat })) {
      if (below) this.changes.push({ kind: 'deleted', path });
      return false;
    }
    if (this.#options.mountPoints?.has(path) && !below && isEmpty(at, stat)) return true;
    if (stat.isDirectory()) return await this.#subdirectory(at, path, stat, { lower, name, below });
    this.changes.push({ kind: below ? 'modified' : 'added', path });
    return false;
  }

  /** Answers whether it was made for mount points alone. */

  async #subdirectory(
    at: string | Buffer,
    path: ByteString,
    stat: BigIntStats,
    { lower, name, below }: { lower: string | undefined; name: ByteString; below: BigIntStats | undefined },
  ): Promise<boolean> {
    const mark = this.changes.length;
    this.changes.push({ kind: below ? 'modified' : 'added', path });
    const opaque = isOpaque(this.#options.libc ?? systemCalls, { stat, at });
    const hidden = opaque || !below?.isDirectory();
    const fd = openSync(at, O_DIRECTORY | constants.O_NOFOLLOW);
    let leftOut: boolean;
    try {
      leftOut = await this.directory(fd, path, hidden ? undefined : `${lower}/${name}`);
    } finally {
      closeSync(fd);
    }
    const isForMounts = leftOut && !below && this.changes.length === mark + 1;
    if (isForMounts && this.#options.mountPoints?.has(path)) {
      this.changes.splice(mark, 1);
      return true;
    }
    const isChanged = !below || hidden || this.changes.length > mark + 1 || differs(stat, below, leftOut);
    if (!isChanged) this.changes.splice(mark, 1);
    return false;
  }
}

function differs(stat: BigIntStats, below: BigIntStats, ignoreTime: boolean): boolean {
  if (stat.mode !== below.mode || stat.uid !== below.uid || stat.gid !== below.gid) return true;
  return !ignoreTime && stat.mtimeNs !== below.mtimeNs;
}

function statBelow(lower: string, name: ByteString): BigIntStats | undefined {
  try {
    return lstatSync(byteStringPath(`${lower}/${name}`), { bigint: true });
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) return undefined;
    throw error;
  }
}

function isEmpty(at: string | Buffer, stat: BigIntStats): boolean {
  if (stat.isFile()) return stat.size === 0n;
  return stat.isDirectory() && readdirSync(at).length === 0;
}

const O_DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY;
/** Milliseconds until other work gets a turn. */
const LONGEST_TURN = 10;
