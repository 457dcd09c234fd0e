import { constants } from 'node:fs';
import type { ByteString } from '../../shared/tar/tar-entry.js';
import { tarHeader } from '../../shared/tar/tar-writer.js';
import { containerOwner, type IdMap } from '../userns/id-map.js';
import { baseName, parentPath } from './entry-path.js';
import { type SystemCalls, systemCalls } from './system-calls.js';
import { type FoundFile, type Translation, tarTree } from './tar-tree.js';
import { opaqueMarker, whiteoutPrefix } from './whiteout.js';

export interface LayerTarOptions {
  /** Only these paths (relative, without a slash at the end); with a path all that leads to it must be there. */
  readonly only?: ReadonlySet<ByteString> | undefined;
  readonly idMap?: IdMap | undefined;
  readonly libc?: Pick<SystemCalls, 'getXattr' | 'listXattrs'>;
  /** Told of each file before it is read, and whether it is in the archive; what is not may be removed. */
  readonly seen?: (found: FoundFile, isKept: boolean) => void;
}

/**
 * The uncompressed layer tar (OCI image-spec, layer.md) of a directory that overlayfs used as its upper one:
 * deleted files become ".wh." entries, replaced directories get ".wh..wh..opq". The same directory is always the
 * same archive, and what `LayerStore.add` unpacks of it is that directory again.
 */
export function layerTar(directory: string, options: LayerTarOptions = {}): AsyncGenerator<Buffer> {
  const { libc = systemCalls, idMap } = options;
  const whiteout = (path: ByteString, found: FoundFile) => whiteoutHeader(path, found, idMap);
  const translate = (found: FoundFile): Translation => {
    const isKept = !options.only || options.only.has(found.path);
    options.seen?.(found, isKept);
    if (!isKept) return 'skip';
    if (isWhiteout(found)) return { replace: whiteout(found.path, found) };
    return isOpaque(libc, found) ? { append: whiteout(`${found.path}/${opaqueMarker}`, found) } : 'keep';
  };
  return tarTree({ directory, prefix: '', translate, idMap, libc });
}

/** How overlayfs marks what was deleted: a character device 0/0. */
export function isWhiteout({ stat }: Pick<FoundFile, 'stat'>): boolean {
  return (stat.mode & BigInt(constants.S_IFMT)) === BigInt(constants.S_IFCHR) && stat.rdev === 0n;
}

/** A directory that hides the one below it. */
export function isOpaque(
  libc: Pick<SystemCalls, 'getXattr'>,
  { stat, at }: Pick<FoundFile, 'stat' | 'at'>,
): boolean {
  return stat.isDirectory() && libc.getXattr(at, 'trusted.overlay.opaque')?.toString('latin1') === 'y';
}

function whiteoutHeader(path: ByteString, { stat }: FoundFile, idMap: IdMap | undefined): Buffer {
  const parent = parentPath(path);
  const base = baseName(path);
  const name = base === opaqueMarker ? base : `${whiteoutPrefix}${base}`;
  return tarHeader({
    type: 'file',
    name: parent === '' ? name : `${parent}/${name}`,
    mode: 0o600,
    ...containerOwner(idMap, { uid: Number(stat.uid), gid: Number(stat.gid) }),
    mtime: 0n,
  });
}
