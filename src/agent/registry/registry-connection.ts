import { Readable } from 'node:stream';
import type { Reference } from '../image/reference.js';
import type { Challenge } from './challenge.js';
import { registryBroken, registryUnavailable, withoutSecrets } from './errors.js';
import { exchange, type HttpRequest, type HttpResponse } from './http-exchange.js';
import type { RegistryCredentials } from './puller.js';
import { type RegistryAgents, registryAgents } from './registry-agents.js';
import { authorize } from './registry-auth.js';
import { pingRegistry } from './registry-ping.js';
import { challengesOf, responseFailure } from './response-failure.js';

export interface RegistryConnectionOptions {
  /** host[:port], or a mirror's base URL. */
  readonly host: string;
  readonly reference: Reference;
  /** What is going to be done. */
  readonly actions?: 'pull' | 'pull,push';
  readonly credentials: RegistryCredentials | undefined;
  /** Certificates are not verified, and plain HTTP will do, as docker treats insecure registries. */
  readonly insecure: boolean;
  readonly certificatesDirectories: readonly string[];
  readonly signal: AbortSignal;
  /** For headers, and between two pieces of a body. */
  readonly stallMs: number;
}

type Message = Pick<HttpRequest, 'url' | 'headers' | 'body'> & Partial<Pick<HttpRequest, 'method'>>;

/** Requests to one repository of one registry: authorized, redirects followed, failures in Docker's words. */
export class RegistryConnection {
  readonly options: RegistryConnectionOptions;
  readonly #agents: RegistryAgents;
  #base: URL;
  #authorization: string | undefined;
  #challenges: readonly Challenge[] = [];
  readonly #scopes: Set<string>;

  private constructor(options: RegistryConnectionOptions, base: URL, agents: RegistryAgents) {
    this.options = options;
    this.#base = base;
    this.#agents = agents;
    this.#scopes = new Set([`repository:${options.reference.path}:${options.actions ?? 'pull'}`]);
  }

  /** Finds out how the registry wants to be spoken to. Throws REGISTRY_UNREACHABLE, REGISTRY_UNAUTHORIZED. */
  static async connect(options: RegistryConnectionOptions): Promise<RegistryConnection> {
    const isUrl = /^https?:\/\//.test(options.host);
    const base = new URL(isUrl ? options.host : `https://${options.host}`);
    const agents = await registryAgents(options.certificatesDirectories, base.host, options.insecure);
    const connection = new RegistryConnection(options, base, agents);
    try {
      const { insecure, signal, stallMs } = options;
      const found = await pingRegistry({ base, agents, insecure, signal, stallMs });
      connection.#base = found.base;
      const { response } = found;
      response.body.destroy();
      if (response.status === 401) await connection.#authorize(challengesOf(response));
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  /** Where this is, as in names of images. */
  get host(): string {
    return this.#base.host;
  }

  /** Of something in the repository. */
  url(path: string): URL {
    return new URL(`/v2/${this.options.reference.path}/${path}`, this.#base);
  }

  /** Answers what has one of these states; anything else is thrown. */
  async send(message: Message, states: readonly number[]): Promise<HttpResponse> {
    let response = await this.#follow(message);
    if (response.status === 401 && (await this.#canAuthorizeAgain(response))) {
      response.body.destroy();
      if (message.body instanceof Readable) throw registryUnavailable('the token has run out meanwhile');
      response = await this.#follow(message);
    }
    if (states.includes(response.status)) return response;
    throw await this.#failure(response);
  }

  /** The same, when only the headers matter. */
  async headersOf(message: Message, states: readonly number[]): Promise<HttpResponse> {
    const response = await this.send(message, states);
    response.body.resume(); // the connection serves the next request
    return response;
  }

  /** A token that is held already does not speak of the other repository. */
  async allowPullFrom(path: string): Promise<void> {
    const scope = `repository:${path}:pull`;
    if (this.#scopes.has(scope) || !this.#authorization?.startsWith('Bearer ')) return;
    this.#scopes.add(scope);
    await this.#authorize(this.#challenges);
  }

  /** Ends its connections. */
  close(): void {
    this.#agents.close();
  }

  /** A token may have run out in a long transfer. */
  async #canAuthorizeAgain(response: HttpResponse): Promise<boolean> {
    const before = this.#authorization;
    if (challengesOf(response).some((each) => each.parameters['error'] === 'insufficient_scope'))
      return false;
    await this.#authorize(challengesOf(response));
    return this.#authorization !== undefined && this.#authorization !== before;
  }

  async #authorize(challenges: readonly Challenge[]): Promise<void> {
    const { credentials, signal, stallMs } = this.options;
    this.#challenges = challenges;
    const granted = await authorize(challenges, {
      credentials,
      scopes: [...this.#scopes],
      registry: this.#base,
      agents: this.#agents,
      signal,
      deadlineMs: stallMs,
    });
    this.#authorization = granted?.header;
  }

  /** Follows redirects; the Authorization header stays with the registry's own origin. */
  async #follow(message: Message): Promise<HttpResponse> {
    let { url } = message;
    for (let hops = 0; hops <= 10; hops++) {
      const isOwn = url.origin === this.#base.origin;
      const authorization = isOwn && this.#authorization ? { Authorization: this.#authorization } : {};
      const response = await this.#exchange({
        ...message,
        url,
        headers: { ...message.headers, ...authorization },
      });
      const { location } = response.headers;
      const isRedirect = response.status >= 300 && response.status < 400 && location !== undefined;
      if (!isRedirect || message.body instanceof Readable) return response;
      response.body.destroy();
      const next = URL.parse(location, url.href);
      if (!next || !/^https?:$/.test(next.protocol))
        throw registryBroken(`invalid redirect to "${location}"`);
      url = next;
    }
    throw registryBroken(`Get "${withoutSecrets(message.url)}": stopped after 10 redirects`);
  }

  #exchange(message: Message): Promise<HttpResponse> {
    const { signal, stallMs } = this.options;
    const agent = this.#agents.for(message.url);
    return exchange({ method: 'GET', ...message, agent, signal, deadlineMs: stallMs });
  }

  async #failure(response: HttpResponse): Promise<Error> {
    const { reference, actions, stallMs } = this.options;
    const isPush = actions === 'pull,push';
    return responseFailure(response, { reference, isPush, isAuthorized: !!this.#authorization, stallMs });
  }
}
