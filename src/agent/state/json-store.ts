import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson, syncDirectory, writeJsonAtomically } from '../../shared/atomic-file.js';
import { errorMessage, systemErrorCode } from '../../shared/errors.js';
import { type Logger, silentLogger } from '../../shared/logger.js';

export interface JsonStoreOptions<T> {
  /** Made when it is missing, mode 0700. */
  readonly directory: string;
  /** Throws when the value is no such record. */
  readonly decode: (value: unknown, key: string) => T;
  readonly logger?: Logger;
}

/**
 * One JSON file per record. A write is atomic and durable; a record that cannot be read is reported and left
 * where it is, and the others are served. A key is a file name: letters, digits, `.`, `_` and `-`.
 */
export class JsonStore<T> {
  readonly #directory: string;
  readonly #decode: (value: unknown, key: string) => T;
  readonly #logger: Logger;

  constructor(options: JsonStoreOptions<T>) {
    this.#directory = options.directory;
    this.#decode = options.decode;
    this.#logger = options.logger ?? silentLogger;
  }

  async put(key: string, record: T): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    await writeJsonAtomically(this.#path(key), record);
  }

  /** Undefined when there is none. Throws FILE_NOT_JSON or what `decode` throws. */
  async get(key: string): Promise<T | undefined> {
    const value = await readJson(this.#path(key));
    return value === undefined ? undefined : this.#decode(value, key);
  }

  /** Succeeds when there is none. */
  async delete(key: string): Promise<void> {
    await rm(this.#path(key), { force: true });
    await syncDirectory(this.#directory).catch(ignoreMissing);
  }

  /** All readable records; also clears what an interrupted write left. */
  async list(): Promise<ReadonlyMap<string, T>> {
    const names = await readdir(this.#directory).catch(ignoreMissing);
    const records = new Map<string, T>();
    for (const name of names ?? []) {
      if (name.endsWith('.tmp')) await rm(join(this.#directory, name), { force: true });
      if (!name.endsWith('.json')) continue;
      const key = name.slice(0, -'.json'.length);
      const record = await this.get(key).catch((error) => this.#report(name, error));
      if (record !== undefined) records.set(key, record);
    }
    return records;
  }

  #report(name: string, error: unknown): undefined {
    this.#logger.error('damaged record is ignored', {
      file: join(this.#directory, name),
      reason: errorMessage(error),
    });
  }

  #path(key: string): string {
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(key)) throw new TypeError(`"${key}" is no record key`);
    return join(this.#directory, `${key}.json`);
  }
}

function ignoreMissing(error: unknown): undefined {
  if (systemErrorCode(error) !== 'ENOENT') throw error;
}
