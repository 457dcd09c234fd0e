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
  readonly #told = new Set<string>();
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
    this.#check(stat.path);
    switch (sentType(stat.mode)) {
      case 'directory':
        await this.#makeDirectory(stat);
        return 'done';
      case 'symlink':
        await this.#remove(stat);
        await symlink(stat.linkname, this.pathOf(stat));
        return 'done';
      case 'file':
        return await this.#makeRoom(stat);
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

  #check(path: string): void {
    const parent = posix.dirname(path);
    const isInside =
      posix.normalize(path) === path && !/^(?:\/|\.\.?(?:\/|$))/.test(path) && !path.includes('\0');
    const isForeign = process.platform === 'win32' && /[\\:]/.test(path);
    const isExpected = this.#directories.has(parent === '.' ? '' : parent) && !this.#told.has(path);
    if (!isInside || isForeign || !isExpected) throw outputUnsafe(path);
    this.#told.add(path);
  }

  /** A further name of a file is made when all files are there. */
  async #makeRoom(stat: FileStat): Promise<'content' | 'done'> {
    if (stat.linkname !== '') {
      this.#links.push(stat);
      return 'done';
    }
    await this.#remove(stat);
    this.#files.add(stat.path);
    return 'content';
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
