import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { lstat, mkdir, open, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncDirectory, writeJsonAtomically } from '../shared/atomic-file.js';
import { systemErrorCode } from '../shared/errors.js';
import { isJsonObject, type JsonObject } from '../shared/json.js';
import { decrypt, encrypt } from './encryption.js';
import { passphraseNeeded, passphraseWrong, secretDamaged, secretStoreUnsafe } from './errors.js';
import type { SecretStore } from './secret-store.js';

export interface FileSecretStoreOptions {
  /** Absolute path; made when the first secret is kept. */
  readonly directory: string;
  /** Undefined where secrets are to be kept as they are. */
  passphrase(): Promise<string | undefined>;
}

/**
 * One file a secret (0600) in a directory of its own (0700), encrypted where there is a passphrase. What others own,
 * may read, or have put a link into is refused with SECRET_STORE_UNSAFE; also throws SECRET_DAMAGED,
 * SECRET_PASSPHRASE_NEEDED, SECRET_PASSPHRASE_WRONG.
 */
export class FileSecretStore implements SecretStore {
  readonly backend = 'file';
  readonly #directory: string;
  readonly #passphrase: () => Promise<string | undefined>;

  constructor({ directory, passphrase }: FileSecretStoreOptions) {
    this.#directory = directory;
    this.#passphrase = passphrase;
  }

  async get(name: string): Promise<string | undefined> {
    const path = this.#path(name);
    const content = (await this.#isThere()) ? await readPrivateJson(path) : undefined;
    if (content === undefined) return undefined;
    if (typeof content['value'] === 'string') return content['value'];
    const passphrase = await this.#passphrase();
    if (passphrase === undefined) throw passphraseNeeded(path);
    return decrypt(name, content, passphrase).catch((error) => {
      throw error instanceof TypeError ? secretDamaged(path, error) : passphraseWrong(path);
    });
  }

  async set(name: string, value: string): Promise<void> {
    if (!(await this.#isThere())) {
      await mkdir(dirname(this.#directory), { recursive: true, mode: 0o700 });
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      await this.#isThere(); // somebody else may have been quicker
    }
    const passphrase = await this.#passphrase();
    const content = passphrase === undefined ? { value } : await encrypt(name, value, passphrase);
    await writeJsonAtomically(this.#path(name), content, 0o600);
  }

  async delete(name: string): Promise<void> {
    if (!(await this.#isThere())) return;
    await rm(this.#path(name), { force: true });
    await syncDirectory(this.#directory);
  }

  async list(): Promise<readonly string[]> {
    if (!(await this.#isThere())) return [];
    const files = await readdir(this.#directory);
    return files.filter((file) => file.endsWith(suffix)).map(nameOf);
  }

  async probe(): Promise<void> {
    const name = `probe-${randomBytes(8).toString('hex')}`;
    await this.set(name, name);
    const kept = await this.get(name);
    await this.delete(name);
    if (kept !== name) throw secretDamaged(this.#path(name));
  }

  /** False when no secret was ever kept here. */
  isInUse(): Promise<boolean> {
    return this.#isThere();
  }

  async isEncrypting(): Promise<boolean> {
    return (await this.#passphrase()) !== undefined;
  }

  get directory(): string {
    return this.#directory;
  }

  async #isThere(): Promise<boolean> {
    const found = await lstat(this.#directory).catch((error) => {
      if (systemErrorCode(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (!found) return false;
    if (!found.isDirectory()) throw secretStoreUnsafe(this.#directory, 'it is no directory');
    assertPrivate(this.#directory, found);
    return true;
  }

  #path(name: string): string {
    return join(this.#directory, `${encodeURIComponent(name)}${suffix}`);
  }
}

const suffix = '.secret';

function nameOf(file: string): string {
  return decodeURIComponent(file.slice(0, -suffix.length));
}

/** Looks at what was opened, not at what bears its name: nothing can be exchanged in between. */
async function readPrivateJson(path: string): Promise<JsonObject | undefined> {
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);
  const file = await open(path, flags).catch((error) => {
    if (systemErrorCode(error) === 'ENOENT') return undefined;
    throw systemErrorCode(error) === 'ELOOP' ? secretStoreUnsafe(path, 'it is a link') : error;
  });
  if (!file) return undefined;
  await using _file = file;
  assertPrivate(path, await file.stat());
  const text = await file.readFile('utf8');
  const value = parse(path, text);
  if (!isJsonObject(value)) throw secretDamaged(path);
  return value;
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw secretDamaged(path); // the cause would quote the text
  }
}

function assertPrivate(path: string, { uid, mode }: Stats): void {
  const self = process.getuid?.();
  if (self === undefined) return; // Windows has no such owners and modes
  if (uid !== self) throw secretStoreUnsafe(path, `it belongs to user ${uid}`);
  if ((mode & 0o077) !== 0) {
    throw secretStoreUnsafe(path, `others may use it (mode ${(mode & 0o7777).toString(8).padStart(4, '0')})`);
  }
}
