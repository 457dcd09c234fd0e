import { errorMessage, isTsmachineError } from '../shared/errors.js';
import type { Reporter } from '../shared/reporter.js';
import { secretReferenceInvalid } from './errors.js';
import type { FileSecretStore } from './file-secret-store.js';
import type { SecretBackend, SecretStore } from './secret-store.js';

/** Which store takes new secrets: `auto` is the keyring where there is one, else files. */
export type SecretStoreChoice = 'auto' | SecretBackend;

/** Where a secret is, "keyring:NAME" or "file:NAME"; says nothing about the secret itself. */
export type SecretReference = string;

export interface SecretVaultOptions {
  readonly choice: SecretStoreChoice;
  /** Made when first needed. */
  keyring(): Promise<SecretStore>;
  file(): Promise<FileSecretStore>;
}

/** All secrets of one tsmachine store. What was kept is found again wherever new secrets would go now. */
export class SecretVault {
  readonly #options: SecretVaultOptions;
  #chosen: Promise<SecretBackend> | undefined;
  #keyring: Promise<SecretStore> | undefined;

  constructor(options: SecretVaultOptions) {
    this.#options = options;
  }

  /**
   * Where a secret of this name will be kept, so that it can be written down before there is one. Says so once when
   * there is no keyring. Throws KEYRING_UNAVAILABLE when only the keyring will do.
   */
  async reserve(name: string, reporter: Reporter): Promise<SecretReference> {
    this.#chosen ??= this.#choose(reporter);
    return `${await this.#chosen}:${name}`;
  }

  /** Throws what the store throws. */
  async set(reference: SecretReference, value: string): Promise<void> {
    const { store, name } = await this.#find(reference);
    await store.set(name, value);
  }

  /** Undefined when nothing was ever kept there. */
  async get(reference: SecretReference): Promise<string | undefined> {
    const { store, name } = await this.#find(reference);
    return store.get(name);
  }

  async delete(reference: SecretReference): Promise<void> {
    const { store, name } = await this.#find(reference);
    await store.delete(name);
  }

  async #choose(reporter: Reporter): Promise<SecretBackend> {
    const { choice } = this.#options;
    if (choice === 'file') return 'file';
    const keyring = await this.#openKeyring();
    try {
      await keyring.probe();
      return 'keyring';
    } catch (error) {
      if (choice === 'keyring' || !isTsmachineError(error)) throw error;
      await this.#warn(error, reporter);
      return 'file';
    }
  }

  /** One for all: it remembers its probe. */
  #openKeyring(): Promise<SecretStore> {
    this.#keyring ??= this.#options.keyring();
    return this.#keyring;
  }

  async #warn(reason: unknown, reporter: Reporter): Promise<void> {
    const file = await this.#options.file();
    if (await file.isInUse()) return; // it was said when the first secret was kept there
    const protection = (await file.isEncrypting())
      ? 'encrypted with your passphrase'
      : 'which only you may read';
    reporter.warn(`secrets are kept in files in "${file.directory}", ${protection}: ${errorMessage(reason)}`);
  }

  async #find(reference: SecretReference): Promise<{ store: SecretStore; name: string }> {
    const [, backend, name] = /^(keyring|file):(.+)$/.exec(reference) ?? [];
    if (name === undefined) throw secretReferenceInvalid(reference);
    const store = backend === 'keyring' ? await this.#openKeyring() : await this.#options.file();
    return { store, name };
  }
}
