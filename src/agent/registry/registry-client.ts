import { Readable } from 'node:stream';
import { type Digest, digestOf } from '../../shared/digest.js';
import type { Reference } from '../image/reference.js';
import { registryBroken } from './errors.js';
import { type HttpResponse, readBody } from './http-exchange.js';
import { manifestTypes } from './manifest.js';
import { RegistryConnection, type RegistryConnectionOptions } from './registry-connection.js';
import { decodeTags, mostTags, nextPage } from './tag-list.js';

/** An upload that has been begun: where to send what comes next, and how much the registry has. */
export interface Upload {
  readonly url: URL;
  readonly offset: number;
}

/** One repository of one registry (OCI distribution-spec 1.1, "Pull" and "Push"). Errors are in Docker's words. */
export class RegistryClient {
  readonly #connection: RegistryConnection;

  private constructor(connection: RegistryConnection) {
    this.#connection = connection;
  }

  /** Throws REGISTRY_UNREACHABLE, REGISTRY_UNAUTHORIZED. */
  static async connect(options: RegistryConnectionOptions): Promise<RegistryClient> {
    return new RegistryClient(await RegistryConnection.connect(options));
  }

  /** By tag or digest; a digest is verified. */
  async manifest(tagOrDigest: string): Promise<{ readonly content: Buffer; readonly digest: Digest }> {
    const path = `manifests/${tagOrDigest}`;
    const response = await this.#get(path, { Accept: manifestTypes.join(', ') });
    const content = await readBody(response, 4 << 20, this.stallMs);
    const digest = digestOf(content);
    if (tagOrDigest.includes(':') && tagOrDigest !== digest) {
      throw registryBroken(`manifest verification failed for digest ${tagOrDigest}`);
    }
    return { content, digest };
  }

  /** Every tag of the repository, page by page. Throws IMAGE_NOT_FOUND. */
  async tags(): Promise<readonly string[]> {
    const tags: string[] = [];
    let url: URL | undefined = this.#connection.url('tags/list');
    while (url && tags.length < mostTags) {
      const response: HttpResponse = await this.#connection.send({ url }, [200]);
      const body = await readBody(response, 4 << 20, this.stallMs);
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
    return await readBody(response, 4 << 20, this.stallMs);
  }

  /** A small blob, verified. */
  async blob(digest: Digest): Promise<Buffer> {
    const content = await readBody(await this.#get(`blobs/${digest}`), 16 << 20, this.stallMs);
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
    const { status, headers } = await this.#connection.headersOf(
      { method: 'HEAD', url: this.#connection.url(`blobs/${digest}`) },
      [200, 404],
    );
    const size = Number(headers['content-length'] ?? Number.NaN);
    return status === 200 && Number.isSafeInteger(size) ? size : undefined;
  }

  /** Begins to send a blob, or has it mounted from another repository of this registry where it may be read. */
  async beginUpload(from?: { readonly digest: Digest; readonly path: string }): Promise<Upload | 'mounted'> {
    const url = this.#connection.url('blobs/uploads/');
    if (from) {
      url.searchParams.set('mount', from.digest);
      url.searchParams.set('from', from.path);
      await this.#connection.allowPullFrom(from.path);
    }
    const response = await this.#connection.headersOf({ method: 'POST', url, body: '' }, [201, 202]);
    return response.status === 201 ? 'mounted' : uploadOf(response);
  }

  /** Asks how much the registry has. */
  async uploadState(upload: Upload): Promise<Upload> {
    return uploadOf(await this.#connection.headersOf({ url: upload.url }, [204]));
  }

  /** Sends what comes next; the stream is destroyed when that fails. */
  async continueUpload(upload: Upload, bytes: AsyncIterable<Buffer>): Promise<Upload> {
    const body = Readable.from(bytes, { objectMode: false });
    const headers = { 'Content-Type': 'application/octet-stream' };
    const message = { method: 'PATCH', url: upload.url, headers, body } as const;
    return uploadOf(await this.#connection.headersOf(message, [202]));
  }

  /** With the last bytes, or all of them. The registry verifies the digest. */
  async finishUpload(upload: Upload, digest: Digest, body: Buffer = Buffer.alloc(0)): Promise<void> {
    const url = new URL(upload.url);
    url.searchParams.set('digest', digest);
    const headers = { 'Content-Type': 'application/octet-stream', 'Content-Length': String(body.length) };
    await this.#connection.headersOf({ method: 'PUT', url, headers, body }, [201]);
  }

  async putManifest(tagOrDigest: string, type: string, content: Buffer): Promise<void> {
    const headers = { 'Content-Type': type, 'Content-Length': String(content.length) };
    const url = this.#connection.url(`manifests/${tagOrDigest}`);
    await this.#connection.headersOf({ method: 'PUT', url, headers, body: content }, [201]);
  }

  /** Where this is, as in names of images. */
  get host(): string {
    return this.#connection.host;
  }

  get path(): string {
    return this.#connection.options.reference.path;
  }

  get repository(): Reference {
    return this.#connection.options.reference;
  }

  get stallMs(): number {
    return this.#connection.options.stallMs;
  }

  /** Ends its connections. */
  close(): void {
    this.#connection.close();
  }

  async #get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<HttpResponse> {
    return this.#connection.send({ url: this.#connection.url(path), headers }, [200, 206]);
  }
}

function uploadOf({ headers, url }: HttpResponse): Upload {
  const next = headers.location === undefined ? null : URL.parse(headers.location, url.href);
  if (!next || !/^https?:$/.test(next.protocol)) throw registryBroken('an upload has no valid location');
  const end = /^(?:bytes=)?0-(\d+)$/.exec(String(headers['range'] ?? ''))?.[1];
  // "0-0" says both "nothing" and "one byte"; sending one byte again would break the blob, so it is none
  return { url: next, offset: end === undefined || end === '0' ? 0 : Number(end) + 1 };
}

function rangeStart(response: HttpResponse, asked: number): number {
  const start = /^bytes (\d+)-/.exec(response.headers['content-range'] ?? '')?.[1];
  if (start === undefined || Number(start) > asked)
    throw registryBroken('the answer to a range has another range');
  return Number(start);
}
