import {
  type ClientRequest,
  type Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { Readable } from 'node:stream';
import { addressOptions, type EngineEndpoint, endpointUrl, isTls } from './endpoint.js';
import { connectionError, engineTimeout } from './errors.js';
import type { EngineRequest } from './request.js';

export interface Line {
  readonly endpoint: EngineEndpoint;
  readonly agent: HttpAgent;
  readonly connectTimeoutMs: number;
}

/** What came back: an answer whose body is still to be read, or an upgraded connection. */
export type Answer =
  | { readonly response: IncomingMessage; readonly socket?: undefined }
  | { readonly response: IncomingMessage; readonly socket: Duplex };

/**
 * One HTTP request up to the headers of its answer, with the deadlines for connecting and for the headers.
 * Throws ENGINE_UNREACHABLE, ENGINE_TIMEOUT, CERTIFICATE_INVALID, ENGINE_CONNECTION_LOST, or the signal's reason.
 */
export async function exchange(line: Line, path: string, request: EngineRequest): Promise<Answer> {
  request.signal?.throwIfAborted();
  const outgoing = open(line, path, request);
  const state = { connected: false };
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const onAbort = () => outgoing.destroy(asError(request.signal?.reason));
  const timer = headerDeadline(line, outgoing, request.timeoutMs);
  request.signal?.addEventListener('abort', onAbort, { once: true });

  outgoing.once('response', (response) => resolve({ response }));
  outgoing.once('upgrade', (response, socket, head) => {
    if (head.length > 0) socket.unshift(head);
    resolve({ response, socket });
  });
  outgoing.once('error', reject);
  outgoing.once('socket', (socket) => {
    if (outgoing.reusedSocket) state.connected = true;
    else watchConnecting(line, outgoing, socket, state);
  });
  send(outgoing, request);
  try {
    return await promise;
  } catch (error) {
    request.signal?.throwIfAborted();
    throw timer.error ?? connectionError(endpointUrl(line.endpoint), error, state.connected);
  } finally {
    clearTimeout(timer.handle);
    request.signal?.removeEventListener('abort', onAbort);
  }
}

function open(line: Line, path: string, request: EngineRequest): ClientRequest {
  const address = addressOptions(line.endpoint);
  const options = {
    ...address,
    agent: line.agent,
    method: request.method,
    path,
    headers: { ...address.headers, ...request.headers },
  };
  return isTls(line.endpoint) ? httpsRequest(options) : httpRequest(options);
}

interface Deadline {
  handle: NodeJS.Timeout | undefined;
  error: Error | undefined;
}

function headerDeadline(line: Line, outgoing: ClientRequest, timeoutMs: number | undefined): Deadline {
  const deadline: Deadline = { handle: undefined, error: undefined };
  if (timeoutMs === undefined || !Number.isFinite(timeoutMs)) return deadline;
  deadline.handle = setTimeout(() => {
    deadline.error = engineTimeout(endpointUrl(line.endpoint), 'answer', timeoutMs);
    outgoing.destroy(deadline.error);
  }, timeoutMs);
  return deadline;
}

/** The TLS handshake belongs to connecting: a port that accepts and then says nothing must not hang. */
function watchConnecting(
  line: Line,
  outgoing: ClientRequest,
  socket: NodeJS.EventEmitter,
  state: { connected: boolean },
): void {
  const timer = setTimeout(() => {
    outgoing.destroy(new Error(`no connection within ${line.connectTimeoutMs / 1000}s`));
  }, line.connectTimeoutMs);
  const done = () => clearTimeout(timer);
  socket.once(isTls(line.endpoint) ? 'secureConnect' : 'connect', () => {
    state.connected = true;
    done();
  });
  outgoing.once('close', done);
  outgoing.once('response', done);
  outgoing.once('upgrade', done);
}

function send(outgoing: ClientRequest, request: EngineRequest): void {
  if (request.body instanceof Readable) {
    const body = request.body;
    body.once('error', (error) => outgoing.destroy(error));
    outgoing.once('close', () => body.unpipe(outgoing));
    body.pipe(outgoing);
    return;
  }
  if (request.body === undefined) {
    outgoing.end();
    return;
  }
  const text = JSON.stringify(request.body);
  if (!outgoing.hasHeader('content-type')) outgoing.setHeader('content-type', 'application/json');
  outgoing.setHeader('content-length', Buffer.byteLength(text));
  outgoing.end(text);
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
