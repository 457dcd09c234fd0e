import type { BigIntStats } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { goFileMode } from '../../buildkit/go-file-mode.js';
import { type DirectoryEntry, entriesOf, firstLink } from '../context-files.js';
import { fileContent } from '../file-content.js';
import { followPaths } from './follow-paths.js';
import { type Selection, selectionOf } from './selection.js';
import type { SyncedFile, SyncRequest, SyncSource } from './sync-source.js';

/** A directory of this computer. Owners are root, as docker sends them; sockets and devices are left out. */
export class DirectorySource implements SyncSource {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  /** Throws BUILD_CONTEXT_UNREADABLE. */
  async *files(request: SyncRequest): AsyncGenerator<SyncedFile> {
    const selection = selectionOf(request, await followPaths(this.#root, request.follow));
    yield* this.#walk('', { selection, links: new Map(), untold: [] });
  }

  /** A directory that is not wanted itself is told before the first below it that is. */
  async *#walk(directory: string, walk: Walk): AsyncGenerator<SyncedFile> {
    const entries = await entriesOf(join(this.#root, directory));
    for (const { name, stats } of entries.filter(isSent)) {
      const path = directory === '' ? name : `${directory}/${name}`;
      const file = () => this.#file(path, stats, walk.links);
      const isWanted = walk.selection.wants(path);
      if (isWanted) {
        for (const parent of walk.untold.splice(0)) yield await parent();
        yield await file();
      }
      if (!stats.isDirectory() || !walk.selection.mayWantBelow(path)) continue;
      if (!isWanted) walk.untold.push(file);
      yield* this.#walk(path, walk);
      if (!isWanted) walk.untold.pop();
    }
  }

  async #file(path: string, stats: BigIntStats, links: Map<string, string>): Promise<SyncedFile> {
    const full = join(this.#root, path);
    const first = stats.isFile() ? firstLink(stats, path, links) : undefined;
    const size = stats.isFile() && first === undefined ? Number(stats.size) : 0;
    return {
      stat: {
        ...{ path, uid: 0, gid: 0, devmajor: 0, devminor: 0, xattrs: new Map() },
        ...{ mode: sentMode(Number(stats.mode)), size, modTime: stats.mtimeNs },
        linkname: stats.isSymbolicLink() ? withSlashes(await readlink(full)) : (first ?? ''),
      },
      content: () => fileContent(full, size),
    };
  }
}

interface Walk {
  readonly selection: Selection;
  /** Of files with several names: the first, by device and inode. */
  readonly links: Map<string, string>;
  /** The directories on the way here that were not told. */
  readonly untold: (() => Promise<SyncedFile>)[];
}

function isSent({ stats }: DirectoryEntry): boolean {
  return stats.isFile() || stats.isDirectory() || stats.isSymbolicLink() || stats.isFIFO();
}

/** Windows knows no permissions: what comes from there may be run. */
function sentMode(mode: number): number {
  return goFileMode(process.platform === 'win32' ? (mode & ~0o777) | 0o755 : mode);
}

function withSlashes(target: string): string {
  return process.platform === 'win32' ? target.replaceAll('\\', '/') : target;
}
