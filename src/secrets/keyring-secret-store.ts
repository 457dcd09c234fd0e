import { randomBytes } from 'node:crypto';
import { errorMessage } from '../shared/errors.js';
import { keyringUnavailable } from './errors.js';
import type { SecretStore } from './secret-store.js';
import { assertBusAnswers } from './session-bus.js';

/** What is used of @github/keytar, which is an optional dependency. */
interface Keytar {
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, password: string): Promise<void>;
  deletePassword(service: string, account: string): Promise<boolean>;
  findCredentials(service: string): Promise<readonly { readonly account: string }[]>;
}

export interface KeyringSecretStoreOptions {
  /** Under which the keyring shows our entries. */
  readonly service: string;
  readonly probeTimeoutMs?: number;
  readonly timeoutMs?: number;
}

/** The keyring of the desktop: Secret Service, macOS's Keychain, Windows' Credential Manager. Throws KEYRING_UNAVAILABLE. */
export class KeyringSecretStore implements SecretStore {
  readonly backend = 'keyring';
  readonly #service: string;
  readonly #probeTimeoutMs: number;
  readonly #timeoutMs: number;
  #probed: Promise<void> | undefined;
  #keytar: Promise<Keytar> | undefined;

  /** A keyring may ask its user to unlock it: that may take a while, but not for ever. */
  constructor({ service, probeTimeoutMs = 2_000, timeoutMs = 60_000 }: KeyringSecretStoreOptions) {
    this.#service = service;
    this.#probeTimeoutMs = probeTimeoutMs;
    this.#timeoutMs = timeoutMs;
  }

  async get(name: string): Promise<string | undefined> {
    const found = await this.#ask((keytar) => keytar.getPassword(this.#service, name));
    // A locked keyring answers as an empty one does.
    if (found === null) await this.probe();
    return found ?? undefined;
  }

  async set(name: string, value: string): Promise<void> {
    await this.#ask((keytar) => keytar.setPassword(this.#service, name, value));
  }

  async delete(name: string): Promise<void> {
    const found = await this.#ask((keytar) => keytar.deletePassword(this.#service, name));
    if (!found) await this.probe();
  }

  async list(): Promise<readonly string[]> {
    const found = await this.#ask((keytar) => keytar.findCredentials(this.#service));
    return found.map(({ account }) => account);
  }

  /** Once a process. */
  probe(): Promise<void> {
    this.#probed ??= this.#probe();
    return this.#probed;
  }

  async #probe(): Promise<void> {
    const name = `probe-${randomBytes(8).toString('hex')}`;
    const kept = await this.#ask(async (keytar) => {
      await keytar.setPassword(this.#service, name, name);
      const found = await keytar.getPassword(this.#service, name);
      await keytar.deletePassword(this.#service, name);
      return found;
    }, this.#probeTimeoutMs);
    if (kept !== name) throw keyringUnavailable('it does not keep what it is given');
  }

  #load(): Promise<Keytar> {
    this.#keytar ??= assertBusAnswers(process.env, this.#probeTimeoutMs).then(loadKeytar);
    return this.#keytar;
  }

  async #ask<T>(question: (keytar: Keytar) => Promise<T>, timeoutMs = this.#timeoutMs): Promise<T> {
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(keyringUnavailable(`it did not answer within ${timeoutMs / 1000}s`)),
      timeoutMs,
    );
    try {
      return await Promise.race([this.#load().then(question).catch(refuse), promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function refuse(error: unknown): never {
  throw keyringUnavailable(errorMessage(error), error);
}

async function loadKeytar(): Promise<Keytar> {
  const { default: keytar } = await import('@github/keytar');
  return keytar;
}
