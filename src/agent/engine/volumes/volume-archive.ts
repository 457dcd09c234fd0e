import { createHash } from 'node:crypto';
import { chmodSync, closeSync, lchownSync, mkdirSync } from 'node:fs';
import { dirname, posix } from 'node:path';
import { Readable } from 'node:stream';
import type { VolumeImport } from '../../../api/volume-archive.js';
import { decompress } from '../../../shared/decompress.js';
import { systemErrorCode } from '../../../shared/errors.js';
import { readTar } from '../../../shared/tar/read-tar.js';
import { type ByteString, byteStringPath, type TarEntry } from '../../../shared/tar/tar-entry.js';
import type { SparseTarHandler } from '../../../shared/tar/tar-handler.js';
import { setTimes } from '../../kernel/libc.js';
import { openMountedTree } from '../../kernel/mounted-tree.js';
import { O_PATH, openBeneath } from '../../kernel/rooted-open.js';
import { setEntryXattrs } from '../../layer/entry-xattrs.js';
import { systemCalls } from '../../layer/system-calls.js';
import { type FoundFile, tarTree } from '../../layer/tar-tree.js';
import { removeTree } from '../../rootfs/remove-tree.js';
import { TreeExtractor } from '../../rootfs/tree-extractor.js';
import { hostOwnerOrSame, type IdMap } from '../../userns/id-map.js';
import { withOwners } from '../../userns/owner-handler.js';
import { isVolumeXattr } from './volume-manifest.js';

/** An archive that is being read, and its digest once it is at its end. */
export interface VolumeArchive {
  readonly source: AsyncIterable<Buffer>;
  digest(): string;
}

/**
 * A directory as a tar: owners as containers with the map see them, modes, exact times, links, devices, extended attributes; its own entry is "./". With
 * `only` just these paths and the directories that lead to them.
 */
export function archiveVolume(
  directory: string,
  only: ReadonlySet<ByteString> | undefined,
  idMap?: IdMap,
): VolumeArchive {
  const wanted = only && withParents(only);
  const translate = ({ path }: FoundFile) =>
    wanted?.has(path) === false ? ('skip' as const) : ('keep' as const);
  const options = {
    directory,
    prefix: './',
    rootName: './',
    translate,
    keepXattr: isVolumeXattr,
    exactTimes: true,
    idMap,
    foreignOwners: true,
  };
  const hash = createHash('sha256');
  return {
    source: hashing(tarTree(options), hash),
    digest: () => hash.digest('hex'),
  };
}

async function* hashing(source: AsyncIterable<Buffer>, hash: ReturnType<typeof createHash>) {
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
}

function withParents(paths: ReadonlySet<ByteString>): ReadonlySet<ByteString> {
  const all = new Set<ByteString>(['']);
  for (const path of paths) {
    for (let at = path; at !== '' && at !== '.' && !all.has(at); at = posix.dirname(at)) all.add(at);
  }
  return all;
}

/**
 * Unpacks a tar, compressed or not, into a directory; what is there and not in the archive stays. `scratch` is an
 * empty directory of this process. What was written before an error stays: the next attempt goes on from there.
 */
export async function extractVolume(
  directory: string,
  tar: Readable,
  {
    scratch,
    signal,
    idMap,
  }: { readonly scratch: string; readonly signal: AbortSignal; readonly idMap?: IdMap | undefined },
): Promise<VolumeImport> {
  mkdirSync(scratch, { recursive: true, mode: 0o700 });
  const root = openMountedTree(scratch, directory, []);
  const extractor = new TreeExtractor(root, root, { noOverwriteDirNonDir: false });
  const handler = new VolumeHandler(extractor);
  const hash = createHash('sha256');
  try {
    const bytes = Readable.from(hashing(tar, hash), { objectMode: false });
    const mapped = withOwners(handler, (owner) => hostOwnerOrSame(idMap, owner));
    await readTar(await decompress(bytes), mapped, { signal });
    extractor.finish();
    if (handler.top) setTop(directory, handler.top);
    return { Digest: hash.digest('hex'), Entries: handler.entries };
  } finally {
    extractor.dispose();
    closeSync(root);
  }
}

/** Keeps the archive's entry for the directory itself, which the extractor leaves as it is. */
class VolumeHandler implements SparseTarHandler {
  readonly #inner: SparseTarHandler;
  top: TarEntry | undefined;
  entries = 0;

  constructor(inner: SparseTarHandler) {
    this.#inner = inner;
  }

  begin(entry: TarEntry): void {
    this.entries += 1;
    if (/^\.?\/*$/.test(entry.name) && entry.type === 'directory') this.top = entry;
    this.#inner.begin(entry);
  }

  data(chunk: Buffer, ahead: number): void {
    this.#inner.data(chunk, ahead);
  }

  hole(length: number): void {
    this.#inner.hole(length);
  }

  end(): void {
    this.#inner.end();
  }
}

function setTop(directory: string, { uid, gid, mode, xattrs, mtime }: TarEntry): void {
  lchownSync(directory, uid, gid);
  chmodSync(directory, mode);
  if (xattrs) setEntryXattrs(systemCalls, directory, xattrs);
  setTimes(directory, mtime, mtime);
}

/** Removes paths with all below them; those that are not there are removed already. */
export function removePaths(directory: string, paths: Iterable<ByteString>, scratch: string): void {
  mkdirSync(scratch, { recursive: true, mode: 0o700 });
  const root = openMountedTree(scratch, directory, []);
  try {
    for (const path of paths) removePath(root, path);
  } finally {
    closeSync(root);
  }
}

function removePath(root: number, path: ByteString): void {
  const name = posix.basename(path);
  if (name === '' || name === '.' || name === '..') return;
  try {
    const parent = openBeneath(root, byteStringPath(dirname(path)), O_PATH);
    try {
      removeTree(parent, name);
    } finally {
      closeSync(parent);
    }
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) throw error;
  }
}
