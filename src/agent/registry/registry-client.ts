import { type Digest, digestOf } from '../../shared/digest.js';
import { isTsmachineError } from '../../shared/errors.js';
import { isJsonObject } from '../../shared/json.js';
import type { Reference } from '../image/reference.js';
import { type Challenge, parseChallenges } from './challenge.js';
import {
  type RegistryFault,
  registryBroken,
  registryFault,
  registryUnauthorized,
  registryUnavailable,
  withoutSecrets,
} from './errors.js';
import { exchange, type HttpResponse, readBody } from './http-exchange.js';
import { manifestTypes } from './manifest.js';
import type { RegistryCredentials } from './puller.js';
import { type RegistryAgents, registryAgents } from './registry-agents.js';
import { authorize } from './registry-auth.js';

export interface RegistryClientOptions {
  /** host[:port], or a mirror's base URL. */
  readonly host: string;
  readonly reference: Reference;
  readonly credentials: RegistryCredentials | undefined;
  /** Certificates are not verified, and plain HTTP will do, as docker treats insecure registries. */
  readonly insecure: boolean;
  readonly certificatesDirectory: string;
  readonly signal: AbortSignal;
  /** For headers, and between two pieces of a body. */
  readonly stallMs: number;
}

/** Reads one repository of one registry (OCI distribution-spec 1.1, "Pull"). Errors are in Docker's words. */
export class RegistryClient {
  readonly #options: RegistryClientOptions;
  readonly #agents: RegistryAgents;
  #base: URL;
  #authorization: string | undefined;

  private constructor(options: RegistryClientOptions, base: URL, agents: RegistryAgents) {
    this.#options = options;
    this.#base = base;
    this.#agents = agents;
  }

  /** Finds out how the registry wants to be spoken to. Throws REGISTRY_UNREACHABLE, REGISTRY_UNAUTHORIZED. */
  static async connect(options: RegistryClientOptions): Promise<RegistryClient> {
    const isUrl = /^https?:\/\//.test(options.host);
    const base = new URL(isUrl ? options.host : `https://${options.host}`);
    const agents = await registryAgents(options.certificatesDirectory, base.host, options.insecure);
    const client = new RegistryClient(options, base, agents);
    try {
      const response = await client.#ping();
      response.body.destroy();
      if (response.status === 401) await client.#authorize(challengesOf(response));
      return client;
    } catch (error) {
      client.close();
      throw error;
    }
  }

  /** By tag or digest; a digest is verified. */
  async manifest(tagOrDigest: string): Promise<{ readonly content: Buffer; readonly digest: Digest }> {
    const path = `manifests/${tagOrDigest}`;
    const response = await this.#get(path, { Accept: manifestTypes.join(', ') });
    const content = await readBody(response, 4 << 20, this.#options.stallMs);
    const digest = digestOf(content);
    if (tagOrDigest.includes(':') && tagOrDigest !== digest) {
      throw registryBroken(`manifest verification failed for digest ${tagOrDigest}`);
    }
    return { content, digest };
  }

  /** A small blob, verified. */
  async blob(digest: Digest): Promise<Buffer> {
    const content = await readBody(await this.#get(`blobs/${digest}`), 16 << 20, this.#options.stallMs);
    if (digestOf(content) !== digest) {
      throw registryBroken(`image config verification failed for digest ${digest}`);
    }
    return content;
  }

  /** A blob from `offset` on; `from` is where the answer really begins, since a server may not know ranges. */
  async openBlob(
    digest: Digest,
    offset: number,
  ): Promise<{ readonly response: HttpResponse; readonly from: number }> {
    const response = await this.#get(`blobs/${digest}`, offset > 0 ? { Range: `bytes=${offset}-` } : {});
    return { response, from: response.status === 206 ? rangeStart(response, offset) : 0 };
  }

  get stallMs(): number {
    return this.#options.stallMs;
  }

  /** Ends its connections. */
  close(): void {
    this.#agents.close();
  }

  async #ping(): Promise<HttpResponse> {
    try {
      return await this.#exchange(new URL('/v2/', this.#base), {});
    } catch (error) {
      this.#options.signal.throwIfAborted();
      if (!this.#options.insecure || this.#base.protocol !== 'https:') throw error;
      this.#base = new URL(`http://${this.#base.host}`);
      return this.#exchange(new URL('/v2/', this.#base), {});
    }
  }

  async #get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<HttpResponse> {
    const url = new URL(`/v2/${this.#options.reference.path}/${path}`, this.#base);
    let response = await this.#follow(url, headers);
    if (response.status === 401 && (await this.#canAuthorizeAgain(response))) {
      response.body.destroy();
      response = await this.#follow(url, headers);
    }
    if (response.status === 200 || response.status === 206) return response;
    throw await this.#failure(response);
  }

  /** A token may have run out in a long pull. */
  async #canAuthorizeAgain(response: HttpResponse): Promise<boolean> {
    const before = this.#authorization;
    if (challengesOf(response).some((each) => each.parameters['error'] === 'insufficient_scope'))
      return false;
    await this.#authorize(challengesOf(response));
    return this.#authorization !== undefined && this.#authorization !== before;
  }

  async #authorize(challenges: readonly Challenge[]): Promise<void> {
    const { credentials, reference, signal, stallMs } = this.#options;
    this.#authorization = await authorize(challenges, {
      credentials,
      scope: `repository:${reference.path}:pull`,
      registry: this.#base,
      agents: this.#agents,
      signal,
      deadlineMs: stallMs,
    });
  }

  /** Follows redirects; the Authorization header stays with the registry's own origin. */
  async #follow(start: URL, headers: Readonly<Record<string, string>>): Promise<HttpResponse> {
    let url = start;
    for (let hops = 0; hops <= 10; hops++) {
      const isOwn = url.origin === this.#base.origin;
      const authorization = isOwn && this.#authorization ? { Authorization: this.#authorization } : {};
      const response = await this.#exchange(url, { ...headers, ...authorization });
      const { location } = response.headers;
      if (response.status < 300 || response.status > 399 || location === undefined) return response;
      response.body.destroy();
      const next = URL.parse(location, url.href);
      if (!next || !/^https?:$/.test(next.protocol))
        throw registryBroken(`invalid redirect to "${location}"`);
      url = next;
    }
    throw registryBroken(`Get "${withoutSecrets(start)}": stopped after 10 redirects`);
  }

  #exchange(url: URL, headers: Readonly<Record<string, string>>): Promise<HttpResponse> {
    const { signal, stallMs } = this.#options;
    const agent = this.#agents.for(url);
    return exchange({ method: 'GET', url, headers, agent, signal, deadlineMs: stallMs });
  }

  async #failure(response: HttpResponse): Promise<Error> {
    const body = await readBody(response, 1 << 20, this.#options.stallMs).catch((error) => {
      if (isTsmachineError(error)) return Buffer.alloc(0);
      throw error;
    });
    const challenges = challengesOf(response);
    if (
      response.status === 401 &&
      challenges.some((each) => each.scheme === 'basic') &&
      !this.#authorization
    ) {
      return registryUnauthorized(`Get "${withoutSecrets(response.url)}": no basic auth credentials`);
    }
    const fault = challengeFault(challenges) ?? bodyFault(body);
    if (fault) return registryFault(fault, this.#options.reference);
    const text =
      `received unexpected HTTP status: ${response.status} ${response.body.statusMessage ?? ''}`.trim();
    if (response.status === 429) return registryUnavailable(`toomanyrequests: ${text}`);
    return response.status >= 500 ? registryUnavailable(text) : registryBroken(text);
  }
}

function challengesOf(response: HttpResponse): readonly Challenge[] {
  return parseChallenges(response.headers['www-authenticate']);
}

/** RFC 6750, section 3.1. */
function challengeFault(challenges: readonly Challenge[]): RegistryFault | undefined {
  for (const { scheme, parameters } of challenges) {
    const message = parameters['error_description'];
    if (scheme !== 'bearer') continue;
    if (parameters['error'] === 'insufficient_scope') {
      return { code: 'DENIED', message: message ?? 'requested access to the resource is denied' };
    }
    if (parameters['error'] === 'invalid_token') {
      return { code: 'UNAUTHORIZED', message: message ?? 'authentication required' };
    }
  }
  return undefined;
}

function bodyFault(body: Buffer): RegistryFault | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    const [first] = isJsonObject(value) && Array.isArray(value['errors']) ? value['errors'] : [];
    if (!isJsonObject(first) || typeof first['code'] !== 'string') return undefined;
    const { code, message } = first;
    return { code, message: typeof message === 'string' ? message : code.toLowerCase() };
  } catch {
    return undefined; // not a registry's own words
  }
}

function rangeStart(response: HttpResponse, asked: number): number {
  const start = /^bytes (\d+)-/.exec(response.headers['content-range'] ?? '')?.[1];
  if (start === undefined || Number(start) > asked)
    throw registryBroken('the answer to a range has another range');
  return Number(start);
}
