import { setMaxListeners } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2';
import type { Duplex } from 'node:stream';
import { isTsmachineError } from '../shared/errors.js';
import { connectionLost, GrpcError, grpcCode } from './errors.js';
import { frame, readFrames } from './frames.js';
import type { Message } from './message.js';
import { windowSize } from './server.js';
import { readStatus } from './status-trailers.js';
import { writeChunk } from './write-chunk.js';

export type Metadata = Readonly<Record<string, string | readonly string[]>>;

/** A call in both directions. */
export interface GrpcStream<Request, Response> extends Disposable {
  /** Resolves when more can be sent. */
  send(request: Request): Promise<void>;
  /** Nothing more is sent. */
  end(): void;
  /** Ends when the other side has; throws GRPC_FAILED, GRPC_CONNECTION_LOST. */
  readonly responses: AsyncIterable<Response>;
}

/** Calls the services that the other end of a connection offers. */
export class GrpcClient implements Disposable {
  readonly #session: ClientHttp2Session;
  /** Resolves when the connection is gone. */
  readonly closed: Promise<void>;

  constructor(connection: Duplex) {
    this.#session = connect('http://client', {
      createConnection: () => connection,
      settings: { initialWindowSize: windowSize, enablePush: false },
      maxSendHeaderBlockLength: 1024 * 1024, // patterns of files are headers
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#session.once('close', resolve);
    this.#session.on('error', () => {}); // `close` follows
    this.#session.once('connect', (session) => session.setLocalWindowSize(4 * windowSize));
  }

  close(): void {
    this.#session.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** One message, one answer. */
  async unary<Request, Response>(
    path: string,
    { request, response }: { request: Message<unknown, Request>; response: Message<Response, never> },
    value: Request,
    options: { readonly metadata?: Metadata; readonly signal: AbortSignal },
  ): Promise<Response> {
    using call = this.stream(path, { request, response }, options);
    await call.send(value);
    call.end();
    for await (const answer of call.responses) return answer;
    return response.decode(new Uint8Array());
  }

  stream<Request, Response>(
    path: string,
    { request, response }: { request: Message<unknown, Request>; response: Message<Response, never> },
    { metadata = {}, signal }: { readonly metadata?: Metadata; readonly signal: AbortSignal },
  ): GrpcStream<Request, Response> {
    signal.throwIfAborted();
    if (this.#session.closed || this.#session.destroyed) throw connectionLost();
    const stream = this.#session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...(metadata as Record<string, string | string[]>), // Node does not change what it is given
    });
    return new OpenCall(stream, request, response, signal);
  }
}

class OpenCall<Request, Response> implements GrpcStream<Request, Response> {
  readonly #stream: ClientHttp2Stream;
  readonly #request: Message<unknown, Request>;
  readonly #response: Message<Response, never>;
  readonly #signal: AbortSignal;
  readonly #gone = new AbortController();
  /** The end of the answer may be told before what it ended with. */
  readonly #ended = Promise.withResolvers<void>();
  #trailers: IncomingHttpHeaders | undefined;

  constructor(
    stream: ClientHttp2Stream,
    request: Message<unknown, Request>,
    response: Message<Response, never>,
    signal: AbortSignal,
  ) {
    this.#stream = stream;
    this.#request = request;
    this.#response = response;
    this.#signal = signal;
    setMaxListeners(0, this.#gone.signal);
    const take = (headers: IncomingHttpHeaders): void => {
      if (headers['grpc-status'] === undefined) return;
      this.#trailers = headers;
      this.#ended.resolve();
    };
    stream.on('response', take); // an answer that is nothing but its end has it here
    stream.on('trailers', take);
    stream.on('error', () => {}); // told by `responses`
    stream.once('close', () => {
      this.#gone.abort(connectionLost());
      this.#ended.resolve();
    });
    signal.addEventListener('abort', this.#cancel, { once: true });
  }

  async send(request: Request): Promise<void> {
    this.#signal.throwIfAborted();
    await writeChunk(this.#stream, frame(this.#request.encode(request)), this.#gone.signal);
  }

  end(): void {
    this.#stream.end();
  }

  readonly responses: AsyncIterable<Response> = { [Symbol.asyncIterator]: () => this.#read() };

  async *#read(): AsyncGenerator<Response> {
    try {
      for await (const body of readFrames(this.#stream.iterator({ destroyOnReturn: false })))
        yield this.#response.decode(body);
    } catch (error) {
      if (isTsmachineError(error)) throw error; // nonsense from the other side
    }
    await this.#ended.promise;
    this.#signal.throwIfAborted();
    const status = this.#trailers && readStatus(this.#trailers);
    if (!status) throw connectionLost();
    if (status.code !== grpcCode.ok) throw new GrpcError(status);
  }

  [Symbol.dispose](): void {
    this.#signal.removeEventListener('abort', this.#cancel);
    if (!this.#stream.closed) this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  readonly #cancel = (): void => this.#stream.close(constants.NGHTTP2_CANCEL);
}
