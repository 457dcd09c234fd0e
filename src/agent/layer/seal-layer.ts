import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { chmod, chown, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { readTar } from '../../shared/tar/read-tar.js';
import { type ByteString, byteStringPath, type TarEntry } from '../../shared/tar/tar-entry.js';
import { baseName, entryPath } from './entry-path.js';
import type { LayerChange } from './layer-changes.js';
import { layerLimits } from './layer-limits.js';
import { isWhiteout, layerTar } from './layer-tar.js';
import type { SystemCalls } from './system-calls.js';
import { type RecordedUnpacker, TarRecorder } from './tar-recipe.js';
import type { FoundFile } from './tar-tree.js';
import type { UnpackedLayer } from './unpack-layer.js';
import { whiteoutPrefix } from './whiteout.js';

export interface SealRequest {
  /** The upper directory of an overlay that is not mounted any more. */
  readonly upper: string;
  readonly changes: readonly LayerChange[];
  readonly libc: SystemCalls;
  readonly signal: AbortSignal | undefined;
}

/** Whether unpacking the archive of these changes would make the same files: a name like a whiteout's is taken for one. */
export function isSealable(changes: readonly LayerChange[]): boolean {
  const isLarge = changes.length > layerLimits.names;
  return !isLarge && !changes.some(({ path }) => baseName(path).startsWith(whiteoutPrefix));
}

/**
 * Makes DIRECTORY/diff of an upper directory, which is moved there and not copied, as if the archive of `changes` had
 * been unpacked there: what is no part of it is removed, times lose their fractions. Holes stay. In its place is an
 * empty directory then.
 */
export async function sealLayer(directory: string, request: SealRequest): Promise<UnpackedLayer> {
  const { upper, changes, libc, signal } = request;
  const cleaner = new Cleaner(upper, libc);
  const only = new Set(changes.map(({ path }) => path));
  const archive = Readable.from(layerTar(upper, { only, libc, seen: cleaner.seen.bind(cleaner) }));
  const contents = new PlacedContents();
  const recorder = new TarRecorder(join(directory, 'tar-recipe'), contents);
  const hash = createHash('sha256');
  const onBytes = (chunk: Buffer): void => {
    hash.update(chunk);
    recorder.bytes(chunk);
  };
  try {
    await readTar(archive, recorder, { signal, onBytes });
    recorder.finish();
  } finally {
    recorder.dispose();
  }
  cleaner.finish();
  await rename(upper, join(directory, 'diff'));
  await mkdir(upper);
  for (const path of [upper, join(directory, 'diff')]) {
    await chown(path, 0, 0);
    await chmod(path, 0o755);
  }
  return { diffId: `sha256:${hash.digest('hex')}`, size: contents.size, tarSize: recorder.tarSize };
}

/** In the place of an unpacker: the files are there already. */
class PlacedContents implements RecordedUnpacker {
  size = 0;
  writing: ByteString | undefined;

  begin({ type, name }: TarEntry): void {
    const path = entryPath(name);
    const isContent = type === 'file' && !baseName(path).startsWith(whiteoutPrefix);
    this.writing = isContent ? path : undefined;
  }

  data(chunk: Buffer): void {
    if (this.writing !== undefined) this.size += chunk.length;
  }

  hole(length: number): void {
    this.size += length;
  }

  end(): void {
    this.writing = undefined;
  }
}

/** Takes away what the archive does not have. */
class Cleaner {
  readonly #upper: ByteString;
  readonly #libc: SystemCalls;
  readonly #directoryTimes: (readonly [ByteString, bigint])[] = [];

  constructor(upper: string, libc: SystemCalls) {
    this.#upper = Buffer.from(upper).toString('latin1');
    this.#libc = libc;
    this.#removeXattrs(upper);
  }

  seen({ path, at, stat }: FoundFile, isKept: boolean): void {
    if (!isKept || stat.isSocket()) {
      rmSync(at, { recursive: true, force: true });
      return;
    }
    if (isWhiteout({ stat })) return;
    this.#removeXattrs(at);
    const fraction = ((stat.mtimeNs % SECOND) + SECOND) % SECOND;
    const mtime = stat.mtimeNs - fraction;
    if (stat.isDirectory()) this.#directoryTimes.push([path, mtime]);
    else if (fraction !== 0n) this.#libc.setTimes(at, mtime, mtime);
  }

  /** Directories get their times when nothing in them is removed any more. */
  finish(): void {
    for (const [path, mtime] of this.#directoryTimes)
      this.#libc.setTimes(byteStringPath(`${this.#upper}/${path}`), mtime, mtime);
  }

  #removeXattrs(at: FoundFile['at']): void {
    for (const name of this.#libc.listXattrs(at)) {
      if (isForeign(name)) this.#libc.removeXattr(at, name);
    }
  }
}

const SECOND = 1_000_000_000n;

/** Neither in the archive nor what makes a directory opaque. */
function isForeign(name: string): boolean {
  if (name === 'trusted.overlay.opaque') return false;
  return /^(?:trusted\.|user\.overlay\.|system\.posix_acl_)/.test(name);
}
