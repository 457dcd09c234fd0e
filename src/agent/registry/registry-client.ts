import { Readable } from 'node:stream';
import { type Digest, digestOf } from '../../shared/digest.js';
import { isTsmachineError } from '../../shared/errors.js';
import { isJsonObject } from '../../shared/json.js';
import type { Reference } from '../image/reference.js';
import { type Challenge, parseChallenges } from './challenge.js';
import {
  pushDenied,
  type RegistryFault,
  registryBroken,
  registryFault,
  registryUnauthorized,
  registryUnavailable,
  retryAfterOf,
  withoutSecrets,
} from './errors.js';
import { exchange, type HttpRequest, type HttpResponse, readBody } from './http-exchange.js';
import { manifestTypes } from './manifest.js';
import type { RegistryCredentials } from './puller.js';
import { type RegistryAgents, registryAgents } from './registry-agents.js';
import { authorize } from './registry-auth.js';
import { pingRegistry } from './registry-ping.js';

export interface RegistryClientOptions {
  /** host[:port], or a mirror's base URL. */
  readonly host: string;
  readonly reference: Reference;
  /** What is going to be done. */
  readonly actions?: 'pull' | 'pull,push';
  readonly credentials: RegistryCredentials | undefined;
  /** Certificates are not verified, and plain HTTP will do, as docker treats insecure registries. */
  readonly insecure: boolean;
  readonly certificatesDirectory: string;
  readonly signal: AbortSignal;
  /** For headers, and between two pieces of a body. */
  readonly stallMs: number;
}

/** An upload that has been begun: where to send what comes next, and how much the registry has. */
export interface Upload {
  readonly url: URL;
  readonly offset: number;
}

/** One repository of one registry (OCI distribution-spec 1.1, "Pull" and "Push"). Errors are in Docker's words. */
export class RegistryClient {
  readonly #options: RegistryClientOptions;
  readonly #agents: RegistryAgents;
  #base: URL;
  #authorization: string | undefined;
  #challenges: readonly Challenge[] = [];
  readonly #scopes: Set<string>;

  private constructor(options: RegistryClientOptions, base: URL, agents: RegistryAgents) {
    this.#options = options;
    this.#base = base;
    this.#agents = agents;
    this.#scopes = new Set([`repository:${options.reference.path}:${options.actions ?? 'pull'}`]);
  }

  /** Finds out how the registry wants to be spoken to. Throws REGISTRY_UNREACHABLE, REGISTRY_UNAUTHORIZED. */
  static async connect(options: RegistryClientOptions): Promise<RegistryClient> {
    const isUrl = /^https?:\/\//.test(options.host);
    const base = new URL(isUrl ? options.host : `https://${options.host}`);
    const agents = await registryAgents(options.certificatesDirectory, base.host, options.insecure);
    const client = new RegistryClient(options, base, agents);
    try {
      const { insecure, signal, stallMs } = options;
      const found = await pingRegistry({ base, agents, insecure, signal, stallMs });
      client.#base = found.base;
      const { response } = found;
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

  /** Every tag of the repository, page by page. Throws IMAGE_NOT_FOUND. */
  async tags(): Promise<readonly string[]> {
    const tags: string[] = [];
    let url: URL | undefined = this.#url('tags/list');
    while (url && tags.length < mostTags) {
      const response: HttpResponse = await this.#send({ url }, [200]);
      const body = await readBody(response, 4 << 20, this.#options.stallMs);
      tags.push(...decodeTags(body));
      url = nextPage(response);
    }
    return tags;
  }

  /** An index of what refers to a manifest. Throws IMAGE_NOT_FOUND where the registry does not know of referrers. */
  async referrers(digest: Digest): Promise<Buffer> {
    const response = await this.#get(`referrers/${digest}`, {
      Accept: 'application/vnd.oci.image.index.v1+json',
    });
    return await readBody(response, 4 << 20, this.#options.stallMs);
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

  /** Its size; undefined when the repository does not have it. */
  async blobSize(digest: Digest): Promise<number | undefined> {
    const { status, headers } = await this.#headersOf(
      { method: 'HEAD', url: this.#url(`blobs/${digest}`) },
      [200, 404],
    );
    const size = Number(headers['content-length'] ?? Number.NaN);
    return status === 200 && Number.isSafeInteger(size) ? size : undefined;
  }

  /** Begins to send a blob, or has it mounted from another repository of this registry where it may be read. */
  async beginUpload(from?: { readonly digest: Digest; readonly path: string }): Promise<Upload | 'mounted'> {
    const url = this.#url('blobs/uploads/');
    if (from) {
      url.searchParams.set('mount', from.digest);
      url.searchParams.set('from', from.path);
      await this.#allowPullFrom(from.path);
    }
    const response = await this.#headersOf({ method: 'POST', url, body: '' }, [201, 202]);
    return response.status === 201 ? 'mounted' : this.#uploadOf(response);
  }

  /** Asks how much the registry has. */
  async uploadState(upload: Upload): Promise<Upload> {
    return this.#uploadOf(await this.#headersOf({ url: upload.url }, [204]));
  }

  /** Sends what comes next; the stream is destroyed when that fails. */
  async continueUpload(upload: Upload, bytes: AsyncIterable<Buffer>): Promise<Upload> {
    const body = Readable.from(bytes, { objectMode: false });
    const headers = { 'Content-Type': 'application/octet-stream' };
    const message = { method: 'PATCH', url: upload.url, headers, body } as const;
    return this.#uploadOf(await this.#headersOf(message, [202]));
  }

  /** With the last bytes, or all of them. The registry verifies the digest. */
  async finishUpload(upload: Upload, digest: Digest, body: Buffer = Buffer.alloc(0)): Promise<void> {
    const url = new URL(upload.url);
    url.searchParams.set('digest', digest);
    const headers = { 'Content-Type': 'application/octet-stream', 'Content-Length': String(body.length) };
    await this.#headersOf({ method: 'PUT', url, headers, body }, [201]);
  }

  async putManifest(tagOrDigest: string, type: string, content: Buffer): Promise<void> {
    const headers = { 'Content-Type': type, 'Content-Length': String(content.length) };
    const url = this.#url(`manifests/${tagOrDigest}`);
    await this.#headersOf({ method: 'PUT', url, headers, body: content }, [201]);
  }

  /** Where this is, as in names of images. */
  get host(): string {
    return this.#base.host;
  }

  get path(): string {
    return this.#options.reference.path;
  }

  get repository(): Reference {
    return this.#options.reference;
  }

  get stallMs(): number {
    return this.#options.stallMs;
  }

  /** Ends its connections. */
  close(): void {
    this.#agents.close();
  }

  async #get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<HttpResponse> {
    return this.#send({ url: this.#url(path), headers }, [200, 206]);
  }

  #url(path: string): URL {
    return new URL(`/v2/${this.#options.reference.path}/${path}`, this.#base);
  }

  /** Answers what has one of these states; anything else is thrown. */
  async #send(message: Message, states: readonly number[]): Promise<HttpResponse> {
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
  async #headersOf(message: Message, states: readonly number[]): Promise<HttpResponse> {
    const response = await this.#send(message, states);
    response.body.resume(); // the connection serves the next request
    return response;
  }

  #uploadOf({ headers, url }: HttpResponse): Upload {
    const next = headers.location === undefined ? null : URL.parse(headers.location, url.href);
    if (!next || !/^https?:$/.test(next.protocol)) throw registryBroken('an upload has no valid location');
    const end = /^(?:bytes=)?0-(\d+)$/.exec(String(headers['range'] ?? ''))?.[1];
    // "0-0" says both "nothing" and "one byte"; sending one byte again would break the blob, so it is none
    return { url: next, offset: end === undefined || end === '0' ? 0 : Number(end) + 1 };
  }

  /** A token that is held already does not speak of the other repository. */
  async #allowPullFrom(path: string): Promise<void> {
    const scope = `repository:${path}:pull`;
    if (this.#scopes.has(scope) || !this.#authorization?.startsWith('Bearer ')) return;
    this.#scopes.add(scope);
    await this.#authorize(this.#challenges);
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
    const { credentials, signal, stallMs } = this.#options;
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
    const { signal, stallMs } = this.#options;
    const agent = this.#agents.for(message.url);
    return exchange({ method: 'GET', ...message, agent, signal, deadlineMs: stallMs });
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
    const isPush = this.#options.actions === 'pull,push';
    if (fault?.code === 'DENIED' && isPush) return pushDenied(fault.message);
    const retryAfter = retryAfterOf(response.headers['retry-after']);
    if (fault) return registryFault(fault, this.#options.reference, retryAfter);
    const text =
      `received unexpected HTTP status: ${response.status} ${response.body.statusMessage ?? ''}`.trim();
    if (response.status === 429) return registryUnavailable(`toomanyrequests: ${text}`, retryAfter);
    return response.status >= 500 ? registryUnavailable(text, retryAfter) : registryBroken(text);
  }
}

type Message = Pick<HttpRequest, 'url' | 'headers' | 'body'> & Partial<Pick<HttpRequest, 'method'>>;

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

/** An end for a registry whose pages never end. */
const mostTags = 100_000;

function decodeTags(body: Buffer): readonly string[] {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    const tags = isJsonObject(value) ? value['tags'] : undefined;
    return Array.isArray(tags) ? tags.map(String) : [];
  } catch {
    throw registryBroken('the list of tags is not JSON');
  }
}

/** OCI distribution-spec 1.1, "Listing Tags": a Link header with rel="next". */
function nextPage({ headers, url }: HttpResponse): URL | undefined {
  const link = /<([^>]+)>\s*;\s*rel="?next"?/.exec(String(headers['link'] ?? ''))?.[1];
  const next = link === undefined ? null : URL.parse(link, url.href);
  return next?.origin === url.origin && next.href !== url.href ? next : undefined;
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
