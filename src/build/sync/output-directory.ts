import { chmod, link, lstat, mkdir, rm, symlink, utimes } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { permissions, sentType } from '../../buildkit/go-file-mode.js';
import type { FileStat } from '../../buildkit/wire/session.js';
import { systemErrorCode } from '../../shared/errors.js';
import { outputUnsafe } from '../errors.js';

/**
 * A directory that the engine says what is to be in. Only names in directories that were told before are taken, and
 * these are directories and no links: nothing outside of it is touched. What is in it besides stays.
 */
export class OutputDirectory {
  readonly #root: string;
  readonly #directories = new Map<string, FileStat | undefined>([['', undefined]]);
  readonly #links: FileStat[] = [];
  readonly #files = new Set<string>();

  private constructor(root: string) {
    this.#root = root;
  }

  static async open(root: string): Promise<OutputDirectory> {
    await mkdir(root, { recursive: true });
    return new OutputDirectory(root);
  }

  pathOf({ path }: FileStat): string {
    return join(this.#root, path);
  }

  /** Makes what has no content; where a file is to be, what was there is gone. Throws BUILD_OUTPUT_UNSAFE. */
  async tell(stat: FileStat): Promise<'content' | 'done'> {
    const { path, mode, linkname } = stat;
    const parent = posix.dirname(path);
    const isInside = posix.normalize(path) === path && !/^(?:\/|\.\.?(?:\/|$))|\0/.test(path);
    const isForeign = process.platform === 'win32' && /[\\:]/.test(path);
    if (!isInside || isForeign || !this.#directories.has(parent === '.' ? '' : parent)) throw outputUnsafe(path);
    switch (sentType(mode)) {
      case 'directory':
        await this.#makeDirectory(stat);
        return 'done';
      case 'symlink':
        await this.#remove(stat);
        await symlink(linkname, this.pathOf(stat));
        return 'done';
      case 'file':
        if (linkname !== '') this.#links.push(stat);
        else await this.#remove(stat);
        if (linkname === '') this.#files.add(path);
        return linkname === '' ? 'content' : 'done';
      default:
        return 'done'; // devices and pipes are nothing to be written here
    }
  }

  /** When all files are there: hard links, and the times of directories, the inner ones first. */
  async finish(): Promise<void> {
    for (const stat of this.#links) {
      if (!this.#files.has(stat.linkname)) throw outputUnsafe(stat.linkname);
      await this.#remove(stat);
      await link(join(this.#root, stat.linkname), this.pathOf(stat));
    }
    for (const stat of [...this.#directories.values()].reverse()) {
      if (!stat) continue;
      await chmod(this.pathOf(stat), permissions(stat.mode));
      const seconds = Number(stat.modTime) / 1e9;
      await utimes(this.pathOf(stat), seconds, seconds);
    }
  }

  async #makeDirectory(stat: FileStat): Promise<void> {
    const path = this.pathOf(stat);
    const found = await lstat(path).catch((error: unknown) => {
      if (systemErrorCode(error) !== 'ENOENT') throw error;
    });
    if (!found?.isDirectory()) {
      await this.#remove(stat);
      await mkdir(path);
    }
    this.#directories.set(stat.path, stat);
  }

  async #remove(stat: FileStat): Promise<void> {
    await rm(this.pathOf(stat), { recursive: true, force: true });
  }
}
