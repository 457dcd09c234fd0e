import { closeSync, fstatSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { posix } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { decompress } from '../../../shared/decompress.js';
import { systemErrorCode } from '../../../shared/errors.js';
import { readTar } from '../../../shared/tar/read-tar.js';
import { type TarEntry, toByteString } from '../../../shared/tar/tar-entry.js';
import type { SparseTarHandler } from '../../../shared/tar/tar-handler.js';
import { O_PATH, openInRoot } from '../../kernel/rooted-open.js';
import { TreeExtractor } from '../../rootfs/tree-extractor.js';
import type { IdMap, Owner } from '../../userns/id-map.js';
import { isArchive } from './archive.js';
import { readContent } from './file-content.js';
import type { ModeChange } from './mode-change.js';
import { baseName, keptPath } from './read-sources.js';
import type { SourceEntry, SourceItem } from './source-tree.js';

export interface WriteItemsOptions {
  /** Absolute; a slash at its end makes it a directory. */
  readonly destination: string;
  /** Of all that is written; undefined keeps the source's. */
  readonly owner: Owner | undefined;
  /** Of the container whose tree it is. */
  readonly idMap?: IdMap | undefined;
  readonly mode: ModeChange | undefined;
  /** Paths of the sources are kept below the destination. */
  readonly parents: boolean;
  /** ADD: archives are unpacked. */
  readonly unpack: boolean;
  readonly signal: AbortSignal;
}

/** Copies into a tree by COPY's rules. `root` is a descriptor of the tree, which stays the caller's. */
export async function writeItems(
  root: number,
  items: readonly SourceItem[],
  options: WriteItemsOptions,
): Promise<void> {
  const extractor = new TreeExtractor(root, root, {
    noOverwriteDirNonDir: false,
    owner: options.owner,
    idMap: options.idMap,
  });
  try {
    for (const item of items) await writeItem(root, extractor, item, options);
    extractor.finish();
  } finally {
    extractor.dispose();
  }
}

async function writeItem(
  root: number,
  extractor: TreeExtractor,
  item: SourceItem,
  options: WriteItemsOptions,
): Promise<void> {
  const { destination, parents, unpack, signal } = options;
  const base = posix.join('/', destination, ...(parents ? [posix.dirname(keptPath(item))] : [])).slice(1);
  const [first] = item.entries;
  if (!item.isDirectory && first) {
    if (unpack && first.type === 'file' && (await isArchive(first.at))) {
      return await unpackInto(extractor, base, first.at, signal);
    }
    const intoDirectory = parents || destination.endsWith('/') || isDirectory(root, base);
    const path = intoDirectory ? posix.join(base, baseName(item.path)) : base.replace(/\/$/, '');
    return writeEntry(extractor, path, first, options.mode);
  }
  const top = (parents ? posix.join(base, baseName(keptPath(item))) : base).replace(/\/$/, '');
  let turnBegan = performance.now();
  for (const entry of item.entries) {
    const path = posix.join(toByteString(top), entry.name);
    if (entry.name === '' && isDirectory(root, top)) continue; // it stays as it is
    writeEntry(extractor, path, entry, options.mode, true);
    if (performance.now() - turnBegan > 10) {
      await setImmediate();
      signal.throwIfAborted();
      turnBegan = performance.now();
    }
  }
}

function writeEntry(
  extractor: TreeExtractor,
  path: string,
  source: SourceEntry,
  mode: ModeChange | undefined,
  isByteString = false,
): void {
  const { at, digest: _digest, ...entry } = source;
  const name = isByteString ? path : toByteString(path);
  extractor.begin({ ...entry, name, mode: mode ? mode(entry.mode, entry.type === 'directory') : entry.mode });
  if (entry.type !== 'file') return;
  readContent(at, extractor);
  extractor.end();
}

function isDirectory(root: number, path: string): boolean {
  try {
    const fd = openInRoot(root, `/${path}`, O_PATH);
    try {
      return fstatSync(fd).isDirectory();
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT' || systemErrorCode(error) === 'ENOTDIR') return false;
    throw error;
  }
}

async function unpackInto(
  extractor: TreeExtractor,
  base: string,
  archive: string | Buffer,
  signal: AbortSignal,
): Promise<void> {
  const prefix = toByteString(base);
  const below: SparseTarHandler = {
    begin: (entry: TarEntry) =>
      extractor.begin({
        ...entry,
        name: inside(prefix, entry.name),
        linkName: entry.type === 'hard-link' ? inside(prefix, entry.linkName) : entry.linkName,
      }),
    data: (chunk) => extractor.data(chunk),
    hole: (length) => extractor.hole(length),
    end: () => extractor.end(),
  };
  await using file = await open(archive);
  await readTar(await decompress(file.createReadStream({ autoClose: false })), below, { signal });
}

/** ".." at the beginning would lead out of the destination, though not out of the image. */
function inside(prefix: string, name: string): string {
  return posix.join(prefix, posix.join('/', name).slice(1));
}
