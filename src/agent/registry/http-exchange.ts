import {
  type Agent,
  type ClientRequest,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pipeline, Readable } from 'node:stream';
import { connectionFailed, registryBroken } from './errors.js';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream is destroyed when the request fails. */
  readonly body?: string | Buffer | Readable;
  readonly agent: Agent;
  readonly signal: AbortSignal;
  /** Until the headers are there; with a stream for a body, without any of it being taken. */
  readonly deadlineMs: number;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The caller reads it to the end or destroys it. */
  readonly body: IncomingMessage;
  readonly url: URL;
}

/** One request, no redirects. Throws REGISTRY_UNREACHABLE, or the signal's reason. */
export function exchange(options: HttpRequest): Promise<HttpResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpResponse>();
  const { method, url, headers, body, agent, signal } = options;
  signal.throwIfAborted();
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const request = send(url, { method, signal, agent, headers: { ...fixedHeaders, ...headers } });
  const timeOut = (): void => {
    request.destroy(new Error('net/http: request canceled (Client.Timeout exceeded while awaiting headers)'));
  };
  const timer = setTimeout(timeOut, options.deadlineMs);
  request.once('response', (response) => {
    clearTimeout(timer);
    resolve({ status: response.statusCode ?? 0, headers: response.headers, body: response, url });
  });
  request.on('error', (error) => {
    clearTimeout(timer);
    reject(signal.aborted ? signal.reason : connectionFailed(method, url, error));
  });
  if (body instanceof Readable) sendStream(body, request, timer, reject);
  else request.end(body);
  return promise;
}

/** The deadline begins anew with every piece that the other side takes. */
function sendStream(
  body: Readable,
  request: ClientRequest,
  timer: NodeJS.Timeout,
  fail: (error: unknown) => void,
): void {
  const watched = async function* (): AsyncGenerator<Buffer> {
    try {
      for await (const piece of body) {
        timer.refresh();
        yield piece;
      }
    } catch (error) {
      fail(error); // the reader's own failure, rather than that of the connection it ends
      throw error;
    }
  };
  pipeline(Readable.from(watched(), { objectMode: false }), request, () => {});
  request.once('response', () => body.destroy());
  request.once('close', () => body.destroy());
}

/** The whole body, which must not be larger than `limit`. Throws REGISTRY_UNREACHABLE, REGISTRY_BROKEN. */
export async function readBody(response: HttpResponse, limit: number, stallMs: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of bodyPieces(response, stallMs)) {
    size += piece.length;
    if (size > limit)
      throw registryBroken(`the answer of ${response.url.host} is larger than ${limit} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/**
 * The body piece by piece. A connection that delivers nothing for `stallMs` is broken; the time that the reader
 * takes does not count. The body is destroyed when the reader stops early.
 */
export async function* bodyPieces(response: HttpResponse, stallMs: number): AsyncGenerator<Buffer> {
  const { body } = response;
  const iterator: AsyncIterator<Buffer> = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const timer = setTimeout(() => body.destroy(new Error(`no data for ${stallMs / 1000}s`)), stallMs);
      const next = await iterator.next().finally(() => clearTimeout(timer));
      if (next.done) return;
      yield next.value;
    }
  } catch (error) {
    throw connectionFailed('GET', response.url, error);
  } finally {
    body.destroy();
  }
}

const fixedHeaders = { 'User-Agent': 'docker/28.0.0 tsmachine' };
