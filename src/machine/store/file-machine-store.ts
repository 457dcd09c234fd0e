import { copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncDirectory, writeJsonAtomically } from '../../shared/atomic-file.js';
import { isTsmachineError, systemErrorCode } from '../../shared/errors.js';
import { lockFile, lockHolder } from '../../shared/file-lock.js';
import { readRecord } from './access.js';
import { machineBusy, machineExists, machineNotFound } from './errors.js';
import type { MachineStore } from './machine-store.js';
import { compareNames, isMachineName } from './names.js';
import type { MachineRecord } from './record.js';
import { machineDirectory, recordCopyPath, recordPath } from './storage.js';

/** `<storage>/machines/<name>/config.json`; directories 0700, files 0600. */
export class FileMachineStore implements MachineStore {
  readonly #storage: string;

  readonly #lockTimeoutMs: number;

  constructor(storage: string, { lockTimeoutMs = 10_000 }: { readonly lockTimeoutMs?: number } = {}) {
    this.#storage = storage;
    this.#lockTimeoutMs = lockTimeoutMs;
  }

  async list(): Promise<readonly string[]> {
    const entries = await readdir(join(this.#storage, 'machines'), { withFileTypes: true }).catch(
      emptyIfMissing,
    );
    const names = entries.filter((entry) => entry.isDirectory() && isMachineName(entry.name));
    return names.map((entry) => entry.name).sort(compareNames);
  }

  async exists(name: string): Promise<boolean> {
    if (!isMachineName(name)) return false;
    const found = await stat(this.directory(name)).catch(() => undefined);
    return found?.isDirectory() ?? false;
  }

  async load(name: string): Promise<MachineRecord> {
    return readRecord(this.#storage, name);
  }

  async save(record: MachineRecord): Promise<void> {
    await mkdir(this.directory(record.name), { recursive: true, mode: 0o700 });
    await writeJsonAtomically(recordPath(this.#storage, record.name), record);
    await this.#keepCopy(record.name);
  }

  /** Without fsync: it is needed only where the record was damaged long after. Not a link, which would share damage. */
  async #keepCopy(name: string): Promise<void> {
    const copy = recordCopyPath(this.#storage, name);
    await copyFile(recordPath(this.#storage, name), `${copy}.tmp`);
    await rename(`${copy}.tmp`, copy);
  }

  async remove(name: string): Promise<void> {
    if (!isMachineName(name)) throw machineNotFound(name);
    await rm(this.directory(name), { recursive: true, force: true });
  }

  async rename(oldName: string, newName: string): Promise<void> {
    await rename(this.directory(oldName), this.directory(newName)).catch((error) => {
      const code = systemErrorCode(error);
      throw code === 'ENOTEMPTY' || code === 'EEXIST' ? machineExists(newName, 'ready') : error;
    });
    await syncDirectory(join(this.#storage, 'machines'));
  }

  directory(name: string): string {
    return machineDirectory(this.#storage, name);
  }

  /** Locks live beside the machines, so that a machine's directory can go while its lock is held. */
  async lock(name: string, signal?: AbortSignal): Promise<AsyncDisposable> {
    if (!isMachineName(name)) throw machineNotFound(name);
    const path = this.#lockPath(name);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    return lockFile(path, { timeoutMs: this.#lockTimeoutMs, signal }).catch(async (error) => {
      if (!isTsmachineError(error) || error.code !== 'FILE_LOCKED') throw error;
      throw machineBusy(name, await this.lockHolder(name), error);
    });
  }

  lockHolder(name: string): Promise<number | undefined> {
    return lockHolder(this.#lockPath(name));
  }

  #lockPath(name: string): string {
    return join(this.#storage, 'locks', `${name}.lock`);
  }
}

function emptyIfMissing(error: unknown): never[] {
  if (systemErrorCode(error) === 'ENOENT') return [];
  throw error;
}
