import type { Agent as HttpAgent, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { isTsmachineError } from '../../shared/errors.js';
import { isJsonObject } from '../../shared/json.js';
import { negotiateVersion } from './api-version.js';
import { createAgent, type EngineEndpoint, endpointUrl } from './endpoint.js';
import {
  badAnswer,
  connectionError,
  engineError,
  engineStreamError,
  engineTimeout,
  notHijacked,
} from './errors.js';
import { type Answer, exchange, type Line } from './exchange.js';
import { jsonLines } from './json-lines.js';
import { type EngineRequest, requestPath } from './request.js';

export interface EngineClientOptions {
  /** TCP and TLS together; default 10 s. */
  readonly connectTimeoutMs?: number;
  /** For requests that name none; default 60 s. */
  readonly requestTimeoutMs?: number;
  /** The newest version of the API to speak, where not the client's own. */
  readonly apiVersion?: string;
}

/**
 * The Docker Engine API of one engine. The version is negotiated at the first request. Every method throws
 * ENGINE_ERROR with the engine's own message, ENGINE_UNREACHABLE, ENGINE_TIMEOUT, CERTIFICATE_INVALID,
 * ENGINE_CONNECTION_LOST, or the reason of the request's signal. `close` ends the connections kept for reuse.
 */
export class EngineClient implements Disposable {
  readonly url: string;
  readonly #line: Line;
  readonly #agent: HttpAgent;
  readonly #requestTimeoutMs: number;
  readonly #apiVersion: string | undefined;
  #version: Promise<string> | undefined;

  constructor(endpoint: EngineEndpoint, options: EngineClientOptions = {}) {
    this.url = endpointUrl(endpoint);
    this.#agent = createAgent(endpoint);
    this.#line = { endpoint, agent: this.#agent, connectTimeoutMs: options.connectTimeoutMs ?? 10_000 };
    this.#requestTimeoutMs = options.requestTimeoutMs ?? 60_000;
    this.#apiVersion = options.apiVersion;
  }

  /** That both sides speak: the lower of the client's and the engine's. */
  apiVersion(signal?: AbortSignal): Promise<string> {
    return this.#negotiated(signal);
  }

  /** The answer with its body unread: the caller reads or destroys it. */
  async request(request: EngineRequest): Promise<IncomingMessage> {
    const { response, socket } = await this.#send(request);
    socket?.destroy();
    return response;
  }

  /** The answer's JSON; undefined when it has no body. */
  async json<T>(request: EngineRequest): Promise<T> {
    const timeoutMs = request.timeoutMs ?? this.#requestTimeoutMs;
    const response = await this.request({ ...request, timeoutMs });
    return this.#parse<T>(await this.#text(response, { ...request, timeoutMs }));
  }

  /**
   * For an answer whose headers come at once and whose body comes much later (wait): resolves when the engine
   * has taken the request; `result` has no deadline and rejects like `json`.
   */
  async begin<T>(request: EngineRequest): Promise<{ readonly result: Promise<T> }> {
    const response = await this.request(request);
    const text = this.#text(response, { ...request, timeoutMs: Infinity });
    const result = text.then((body) => this.#parse<T>(body));
    result.catch(() => {}); // a caller that gives up before asking for it is no unhandled rejection
    return { result };
  }

  /** The JSON lines of pull, load, events, …; a line with an `error` ends it as ENGINE_STREAM_ERROR. */
  async *stream<T>(request: EngineRequest): AsyncGenerator<T> {
    const response = await this.request({ timeoutMs: Infinity, ...request });
    const onAbort = () => response.destroy();
    request.signal?.addEventListener('abort', onAbort, { once: true });
    try {
      for await (const line of jsonLines(response)) {
        const failure = errorOfLine(line);
        if (failure) throw engineStreamError(failure.message, failure.code);
        yield line as T; // as in #parse
      }
    } catch (error) {
      request.signal?.throwIfAborted();
      if (isTsmachineError(error)) throw error;
      throw error instanceof SyntaxError
        ? badAnswer(this.url, error)
        : connectionError(this.url, error, true);
    } finally {
      request.signal?.removeEventListener('abort', onAbort);
      response.destroy();
    }
  }

  /**
   * Turns the connection into a raw two-way stream (attach, exec start; HTTP/2 as "h2c"). Ending its writable side leaves its
   * readable side open. The caller destroys it; an abort after this has returned does not.
   */
  async hijack(request: EngineRequest, protocol: 'tcp' | 'h2c' = 'tcp'): Promise<Duplex> {
    const headers = {
      'content-type': 'text/plain',
      ...request.headers,
      connection: 'Upgrade',
      upgrade: protocol,
    };
    const type = request.body ? { 'content-type': 'application/json' } : {};
    const { response, socket } = await this.#send({ ...request, headers: { ...headers, ...type } });
    if (!socket) {
      response.destroy();
      throw notHijacked(this.url, response.statusCode ?? 0);
    }
    return socket;
  }

  /** Ends the connections kept for reuse; streams that are being read go on. */
  close(): void {
    this.#agent.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #send(request: EngineRequest): Promise<Answer> {
    const version = await this.#negotiated(request.signal);
    const timed = { timeoutMs: this.#requestTimeoutMs, ...request };
    const answer = await this.#exchange(requestPath(version, request), timed);
    const status = answer.response.statusCode ?? 0;
    if (status < 300 || status === 304) return answer;
    throw engineError(status, await this.#errorText(answer.response, timed));
  }

  /** A kept connection may be closed by the engine just when it is used again; then it is tried anew, once. */
  async #exchange(path: string, request: EngineRequest): Promise<Answer> {
    try {
      return await exchange(this.#line, path, request);
    } catch (error) {
      const isLost = isTsmachineError(error) && error.code === 'ENGINE_CONNECTION_LOST';
      if (!isLost || (request.method !== 'GET' && request.method !== 'HEAD')) throw error;
      return await exchange(this.#line, path, request);
    }
  }

  #parse<T>(body: string): T {
    try {
      // The wire's shape is the engine's promise; decoding stays as tolerant as Docker's own client.
      return (body.trim() === '' ? undefined : JSON.parse(body)) as T;
    } catch (cause) {
      throw badAnswer(this.url, cause);
    }
  }

  async #negotiated(signal: AbortSignal | undefined): Promise<string> {
    this.#version ??= this.#ping(signal);
    try {
      return await this.#version;
    } catch (error) {
      this.#version = undefined; // the next request may find the engine
      throw error;
    }
  }

  async #ping(signal: AbortSignal | undefined): Promise<string> {
    const request: EngineRequest = {
      method: 'GET', // Node frees the connection of a HEAD request too late for the request that follows
      path: '/_ping',
      signal,
      timeoutMs: this.#requestTimeoutMs,
    };
    const { response } = await this.#exchange('/_ping', request);
    await this.#text(response, request); // to the end, so that the next request finds the connection free
    const header = response.headers['api-version'];
    return negotiateVersion(typeof header === 'string' ? header : undefined, this.#apiVersion);
  }

  async #errorText(response: IncomingMessage, request: EngineRequest): Promise<string> {
    const text = await this.#text(response, request);
    try {
      const body: unknown = JSON.parse(text);
      if (isJsonObject(body) && typeof body['message'] === 'string') return body['message'];
    } catch {
      // An intermediary's own page, or an empty body.
    }
    return text.trim() || `the engine answered ${response.statusCode} ${response.statusMessage}`;
  }

  async #text(response: IncomingMessage, request: EngineRequest): Promise<string> {
    const timeoutMs = request.timeoutMs ?? this.#requestTimeoutMs;
    const late = engineTimeout(this.url, 'finish its answer', timeoutMs);
    const timer = Number.isFinite(timeoutMs)
      ? setTimeout(() => response.destroy(late), timeoutMs)
      : undefined;
    const onAbort = () => response.destroy();
    request.signal?.addEventListener('abort', onAbort, { once: true });
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      return Buffer.concat(chunks).toString('utf8');
    } catch (error) {
      request.signal?.throwIfAborted();
      throw error === late ? late : connectionError(this.url, error, true);
    } finally {
      clearTimeout(timer);
      request.signal?.removeEventListener('abort', onAbort);
    }
  }
}

function errorOfLine(line: unknown): { readonly message: string; readonly code?: number } | undefined {
  if (!isJsonObject(line)) return undefined;
  const detail = line['errorDetail'];
  if (isJsonObject(detail) && typeof detail['message'] === 'string') {
    const { message, code } = detail;
    return typeof code === 'number' ? { message, code } : { message };
  }
  return typeof line['error'] === 'string' ? { message: line['error'] } : undefined;
}
