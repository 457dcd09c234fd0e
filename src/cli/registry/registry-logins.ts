import type { SecretReference, SecretVault } from '../../secrets/secret-vault.js';
import { readJson, writeJsonAtomically } from '../../shared/atomic-file.js';
import { isTsmachineError } from '../../shared/errors.js';
import { isJsonObject } from '../../shared/json.js';
import type { Reporter } from '../../shared/reporter.js';
import type { CredentialHelper } from './credential-helper.js';
import type { Credentials } from './credentials.js';
import { readDockerConfig } from './docker-config.js';

export interface RegistryLoginsOptions {
  /** Where it is written down which registries there are logins for: a file of the store. */
  readonly index: string;
  /** The directory of docker's config.json. */
  readonly dockerConfig: string;
  readonly vault: SecretVault;
  /** Of the helpers: where they are found. */
  readonly environment: NodeJS.ProcessEnv;
}

/**
 * Logins of registries by server, as docker calls them. New ones go where docker keeps its own when that is a helper,
 * else to the secret store; docker's are found, too, and its file is never written.
 */
export class RegistryLogins {
  readonly #options: RegistryLoginsOptions;

  constructor(options: RegistryLoginsOptions) {
    this.#options = options;
  }

  /** Throws CREDENTIAL_HELPER_FAILED, DOCKER_CONFIG_INVALID, and what the secret store throws. */
  async get(server: string, signal: AbortSignal): Promise<Credentials | undefined> {
    const reference = (await this.#index()).get(server);
    const kept = reference && (await this.#options.vault.get(reference));
    if (kept) return decodeCredentials(kept);
    const config = await readDockerConfig(this.#options.dockerConfig);
    const helper = config.helperFor(server);
    const found = helper === undefined ? undefined : await (await this.#helper(helper, signal)).get(server);
    return found ?? config.credentials(server);
  }

  /** All that are known, for a build, which may pull from anywhere. A helper that fails is left out. */
  async all(signal: AbortSignal): Promise<ReadonlyMap<string, Credentials>> {
    const { servers } = await readDockerConfig(this.#options.dockerConfig);
    const known = new Set([...(await this.#index()).keys(), ...servers]);
    const found = new Map<string, Credentials>();
    for (const server of known) {
      const credentials = await this.get(server, signal).catch(ignoreFailedHelper);
      if (credentials) found.set(server, credentials);
    }
    return found;
  }

  /** Answers where it is kept now. */
  async set(
    server: string,
    credentials: Credentials,
    { signal, reporter }: { readonly signal: AbortSignal; readonly reporter: Reporter },
  ): Promise<string> {
    const helper = (await readDockerConfig(this.#options.dockerConfig)).helperFor(server);
    if (helper !== undefined) {
      await (await this.#helper(helper, signal)).store(server, credentials);
      return `docker-credential-${helper}`;
    }
    const { vault } = this.#options;
    const reference = await vault.reserve(`registry/${server}`, reporter);
    await this.#write((await this.#index()).set(server, reference)); // before there is a secret that nobody finds
    await vault.set(reference, JSON.stringify(credentials));
    return reference.startsWith('keyring:') ? 'the keyring' : 'a file that only you may read';
  }

  /** False when there was none. One that is in docker's file stays there. */
  async delete(server: string, signal: AbortSignal): Promise<boolean> {
    const name = (await readDockerConfig(this.#options.dockerConfig)).helperFor(server);
    const helper = name === undefined ? undefined : await this.#helper(name, signal);
    const isWithHelper = (await helper?.get(server)) !== undefined;
    if (isWithHelper) await helper?.erase(server);
    const index = await this.#index();
    const reference = index.get(server);
    if (reference === undefined) return isWithHelper;
    await this.#options.vault.delete(reference);
    index.delete(server);
    await this.#write(index);
    return true;
  }

  /** Loaded when it is needed: starting programs is nothing that most commands do. */
  async #helper(name: string, signal: AbortSignal): Promise<CredentialHelper> {
    const { CredentialHelper } = await import('./credential-helper.js');
    return new CredentialHelper(name, this.#options.environment, signal);
  }

  async #index(): Promise<Map<string, SecretReference>> {
    const value = await readJson(this.#options.index);
    const entries = Object.entries(isJsonObject(value) ? value : {});
    return new Map(
      entries.flatMap(([server, reference]) => (typeof reference === 'string' ? [[server, reference]] : [])),
    );
  }

  async #write(index: ReadonlyMap<string, SecretReference>): Promise<void> {
    await writeJsonAtomically(this.#options.index, Object.fromEntries(index));
  }
}

function decodeCredentials(text: string): Credentials | undefined {
  const value: unknown = JSON.parse(text);
  const { username, password, identityToken } = isJsonObject(value) ? value : {};
  if (typeof identityToken === 'string') return { identityToken };
  if (typeof username === 'string' && typeof password === 'string') return { username, password };
  return undefined;
}

function ignoreFailedHelper(error: unknown): undefined {
  const codes = ['CREDENTIAL_HELPER_FAILED', 'COMMAND_NOT_STARTED', 'COMMAND_TIMEOUT'];
  if (!isTsmachineError(error) || !codes.includes(error.code)) throw error;
}
