import { createHash } from 'node:crypto';
import { type BigIntStats, closeSync, constants, createReadStream, openSync, readlinkSync } from 'node:fs';
import type { VolumeEntry } from '../../../api/volume-archive.js';
import { systemErrorCode } from '../../../shared/errors.js';
import { byteStringPath } from '../../../shared/tar/tar-entry.js';
import { openBeneath } from '../../kernel/rooted-open.js';
import type { Path } from '../../kernel/system-error.js';
import { systemCalls } from '../../layer/system-calls.js';
import { deviceNumbers, type FoundFile, specialType, tarTree } from '../../layer/tar-tree.js';
import { containerOwnerOrSame, type IdMap } from '../../userns/id-map.js';

/** All of a volume's attributes but those of the kernel's own bookkeeping. */
export function isVolumeXattr(name: string): boolean {
  return !/^(?:trusted|user)\.overlay\.|^security\.selinux$/.test(name);
}

/**
 * What is in a directory, parents first, names in the order of their bytes. Sockets are left out, and so is what
 * vanishes meanwhile.
 */
export async function* volumeManifest(
  directory: string,
  { digests, idMap }: { readonly digests: boolean; readonly idMap?: IdMap | undefined },
): AsyncGenerator<VolumeEntry> {
  const entries: VolumeEntry[] = [];
  const seen = new Map<string, string>();
  const translate = (found: FoundFile) => {
    const entry = entryOf(found, seen, idMap);
    if (entry) entries.push(entry);
    return found.stat.isDirectory() ? ('keep' as const) : ('skip' as const);
  };
  for await (const _ of tarTree({ directory, prefix: '', rootName: './', translate }));
  const root = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    for (const entry of entries) {
      const sha256 = digests && entry.type === 'file' ? await digestOf(root, entry.path) : undefined;
      yield sha256 === undefined ? entry : { ...entry, sha256 };
    }
  } finally {
    closeSync(root);
  }
}

function entryOf(
  { path, at, stat }: FoundFile,
  seen: Map<string, string>,
  idMap: IdMap | undefined,
): VolumeEntry | undefined {
  const type = typeOf(stat);
  if (type === undefined) return undefined;
  const common = {
    ...{ path, mode: Number(stat.mode & 0o7777n) },
    ...containerOwnerOrSame(idMap, { uid: Number(stat.uid), gid: Number(stat.gid) }),
    mtime: String(stat.mtimeNs),
  };
  const inode = `${stat.dev}:${stat.ino}`;
  const first = stat.isDirectory() || stat.nlink < 2n ? undefined : seen.get(inode);
  if (first !== undefined) return { ...common, type: 'hard-link', size: 0, link: first };
  seen.set(inode, path);
  const link = linkOf(type, at, stat);
  const xattrs = type === 'file' || type === 'directory' ? xattrsDigest(at) : undefined;
  return {
    ...{ ...common, type, size: type === 'file' ? Number(stat.size) : 0 },
    ...(link !== undefined && { link }),
    ...(xattrs !== undefined && { xattrs }),
  };
}

function typeOf(stat: BigIntStats): VolumeEntry['type'] | undefined {
  if (stat.isDirectory()) return 'directory';
  return stat.isFile() ? 'file' : specialType(stat);
}

function linkOf(type: VolumeEntry['type'], at: Path, stat: BigIntStats): string | undefined {
  if (type === 'symlink') return readlinkSync(at, 'latin1');
  if (!type.endsWith('-device')) return undefined;
  const { major, minor } = deviceNumbers(stat);
  return `${major}:${minor}`;
}

function xattrsDigest(at: Path): string | undefined {
  const names = systemCalls.listXattrs(at).filter(isVolumeXattr).sort();
  if (names.length === 0) return undefined;
  const hash = createHash('sha256');
  for (const name of names) {
    const value = systemCalls.getXattr(at, name) ?? Buffer.alloc(0);
    hash.update(`${name}\0${value.length}\0`).update(value);
  }
  return hash.digest('hex');
}

async function digestOf(root: number, path: string): Promise<string | undefined> {
  try {
    const fd = openBeneath(
      root,
      byteStringPath(path),
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    );
    const hash = createHash('sha256');
    for await (const chunk of createReadStream('', { fd, highWaterMark: 1024 * 1024 })) hash.update(chunk);
    return hash.digest('hex');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR'].includes(systemErrorCode(error) ?? '')) return undefined;
    throw error;
  }
}
