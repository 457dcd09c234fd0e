import { setMaxListeners } from 'node:events';
import { type IncomingHttpHeaders, performServerHandshake, type ServerHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import { grpcCode, statusOf, unknownMethod } from './errors.js';
import { frame, readFrames } from './frames.js';
import type { Message } from './message.js';
import { Outbox } from './outbox.js';
import { statusTrailers } from './status-trailers.js';
import { type Writable, writeChunk } from './write-chunk.js';

export interface Call {
  readonly headers: IncomingHttpHeaders;
  /** Of a header that may be repeated: each as it was sent. */
  values(name: string): readonly string[];
  /** Aborted when the client has cancelled the call or is gone. */
  readonly signal: AbortSignal;
}

/** One method: from the messages of the client to those of the answer, both encoded. */
export type Method = (requests: AsyncIterable<Uint8Array>, call: Call) => AsyncIterable<Uint8Array>;

/** By path: "/moby.buildkit.v1.Control/Solve". */
export type Methods = ReadonlyMap<string, Method>;

/** One message, one answer. */
export function unary<Request, Response>(
  request: Message<Request, never>,
  response: Message<unknown, Response>,
  handle: (request: Request, call: Call) => Promise<Response>,
): Method {
  return async function* (requests, call) {
    yield response.encode(await handle(await only(request, requests), call));
  };
}

/** One message, many answers. */
export function answering<Request, Response>(
  request: Message<Request, never>,
  response: Message<unknown, Response>,
  handle: (request: Request, call: Call) => AsyncIterable<Response>,
): Method {
  return async function* (requests, call) {
    for await (const each of handle(await only(request, requests), call)) yield response.encode(each);
  };
}

/** Messages in both directions, as `handle` likes; the answer ends when it does. */
export function streaming<Request, Response>(
  request: Message<Request, never>,
  response: Message<unknown, Response>,
  handle: (stream: ServedStream<Request, Response>, call: Call) => Promise<void>,
): Method {
  return async function* (requests, call) {
    const outbox = new Outbox();
    const stream = {
      requests: decoded(request, requests),
      send: (value: Response) => outbox.put(response.encode(value)),
    };
    const work = handle(stream, call).finally(() => outbox.close());
    work.catch(() => {}); // awaited below
    try {
      yield* outbox.take();
    } finally {
      outbox.close();
    }
    await work;
  };
}

export interface ServedStream<Request, Response> {
  readonly requests: AsyncIterable<Request>;
  /** Resolves when more can be sent; throws when nobody takes it any more. */
  send(response: Response): Promise<void>;
}

async function* decoded<T>(
  request: Message<T, never>,
  requests: AsyncIterable<Uint8Array>,
): AsyncGenerator<T> {
  for await (const body of requests) yield request.decode(body);
}

async function only<T>(request: Message<T, never>, requests: AsyncIterable<Uint8Array>): Promise<T> {
  for await (const body of requests) return request.decode(body);
  return request.decode(new Uint8Array());
}

/** Serves gRPC on a connection (HTTP/2 without TLS of its own) until it is closed. */
export async function serveGrpc(connection: Duplex, methods: Methods): Promise<void> {
  const session = performServerHandshake(connection, { settings: { initialWindowSize: windowSize } });
  const { promise, resolve } = Promise.withResolvers<void>();
  session.once('close', resolve);
  session.on('error', () => {}); // the connection is gone or nonsense; `close` follows
  session.on('stream', (stream, headers, _, raw) => void serveStream(stream, { headers, raw }, methods));
  await promise;
}

/** More than a round trip takes at any usual speed. */
export const windowSize = 4 * 1024 * 1024;

async function serveStream(
  stream: ServerHttp2Stream,
  { headers, raw }: { readonly headers: IncomingHttpHeaders; readonly raw: readonly string[] },
  methods: Methods,
): Promise<void> {
  const gone = new AbortController();
  setMaxListeners(0, gone.signal);
  stream.on('error', () => {}); // `close` follows
  stream.once('close', () => gone.abort(new Error('the call was cancelled')));
  const values = (name: string) => raw.filter((_, at) => at % 2 === 1 && raw[at - 1] === name);
  const call = { headers, values, signal: gone.signal };
  const path = headers[':path'] ?? '';
  const method = methods.get(path);
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  let status = statusTrailers({ code: grpcCode.ok, message: '', details: [] });
  stream.once('wantTrailers', () => stream.sendTrailers(status));
  try {
    if (!method) throw unknownMethod(path);
    // A method may leave off reading before it answers.
    const requests = readFrames(stream.iterator({ destroyOnReturn: false }));
    for await (const body of method(requests, call)) {
      await writeChunk(stream satisfies Writable, frame(body), gone.signal);
    }
  } catch (error) {
    status = statusTrailers(statusOf(error));
  }
  if (stream.destroyed) return;
  stream.end();
  stream.resume(); // what the client still sends is not read any more
}
