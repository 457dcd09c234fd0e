import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { sealedCopy } from '../kernel/sealed-copy.js';

/**
 * crun copies itself into memory at every start and begins again from there, so that no container can change the program
 * that manages it (CVE-2019-5736), unless it runs from such a copy already. The agent keeps one for it, which saves
 * half of what crun needs to get going.
 */
export class SealedProgram {
  readonly #source: string;
  readonly #link: string;
  #fd: number | undefined;
  /** Of the program that was last copied, or could not be. */
  #version = '';
  #path: string;

  /** A link to the copy lies in `directory` under the program's own name, by which its processes are known. */
  constructor(source: string, directory: string) {
    this.#source = source;
    this.#path = source;
    this.#link = join(directory, basename(source));
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  /** What to run: the copy, made again when the program was replaced; itself where it cannot run from memory. */
  path(): string {
    const version = versionOf(this.#source);
    if (version !== this.#version) {
      this.#version = version;
      this.#path = this.#renew() ? this.#link : this.#source;
    }
    return this.#path;
  }

  close(): void {
    rmSync(this.#link, { force: true });
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  /** False where there can be no copy. */
  #renew(): boolean {
    this.close();
    if (existsSync(SELINUX)) return false; // a program has its rights by the label of its file there
    try {
      this.#fd = sealedCopy(this.#source, basename(this.#source));
      symlinkSync(`/proc/${process.pid}/fd/${this.#fd}`, this.#link);
      accessSync(this.#link, constants.X_OK);
      return true;
    } catch {
      this.close();
      return false;
    }
  }
}

const SELINUX = '/sys/fs/selinux/enforce';

/** Changes when a package replaces the file. Empty when it is not there. */
function versionOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found ? `${found.ino} ${found.mtimeMs} ${found.size}` : '';
}
