import { isJsonObject } from '../../shared/json.js';
import { run } from '../../shared/spawn.js';
import type { Credentials } from './credentials.js';
import { credentialHelperFailed } from './errors.js';

const timeoutMs = 30_000;
/** A helper's word for "the password is an identity token". */
const tokenUser = '<token>';

/**
 * A program `docker-credential-NAME` (docker/docker-credential-helpers): what it keeps passes through its standard
 * input and output only. Throws CREDENTIAL_HELPER_FAILED.
 */
export class CredentialHelper {
  readonly #program: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #signal: AbortSignal;

  constructor(name: string, environment: NodeJS.ProcessEnv, signal: AbortSignal) {
    this.#program = `docker-credential-${name}`;
    this.#environment = environment;
    this.#signal = signal;
  }

  async get(server: string): Promise<Credentials | undefined> {
    const { code, stdout } = await this.#call('get', server);
    if (code !== 0 && /credentials not found/.test(stdout)) return undefined;
    if (code !== 0) throw credentialHelperFailed(this.#program, stdout);
    const { Username: username, Secret: secret } = this.#parse(stdout);
    if (typeof secret !== 'string' || secret === '') return undefined;
    if (username === tokenUser) return { identityToken: secret };
    return { username: String(username ?? ''), password: secret };
  }

  async store(server: string, credentials: Credentials): Promise<void> {
    const [user, secret] =
      'identityToken' in credentials
        ? [tokenUser, credentials.identityToken]
        : [credentials.username, credentials.password];
    const input = JSON.stringify({ ServerURL: server, Username: user, Secret: secret });
    const { code, stdout } = await this.#call('store', input);
    if (code !== 0) throw credentialHelperFailed(this.#program, stdout);
  }

  /** Succeeds when there is none. */
  async erase(server: string): Promise<void> {
    const { code, stdout } = await this.#call('erase', server);
    if (code !== 0 && !/credentials not found/.test(stdout))
      throw credentialHelperFailed(this.#program, stdout);
  }

  async #call(verb: string, input: string) {
    return await run([this.#program, verb], {
      input,
      timeoutMs,
      env: this.#environment,
      signal: this.#signal,
    });
  }

  #parse(text: string): Readonly<Record<string, unknown>> {
    try {
      const value: unknown = JSON.parse(text);
      if (isJsonObject(value)) return value;
    } catch {
      // told below, without its words, which may hold the secret
    }
    throw credentialHelperFailed(this.#program, 'its answer is not JSON');
  }
}
