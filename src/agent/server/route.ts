import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import type { Decoder } from '../../api/decode.js';
import type { ApiVersion } from '../../api/version.js';
import type { Query } from './query.js';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';

export interface Route {
  readonly method: Method;
  /** `{name}` matches one segment, `{name:path}` matches slashes too (image references). */
  readonly path: `/${string}`;
  /** Older clients get 404. */
  readonly since?: ApiVersion;
  readonly handle: (request: ApiRequest<string>) => Promise<ApiResponse>;
}

export interface ApiRequest<Params extends string = string> {
  readonly params: Readonly<Record<Params, string>>;
  readonly query: Query;
  readonly headers: IncomingHttpHeaders;
  readonly version: ApiVersion;
  /** Aborted when the client goes away before it has its answer. */
  readonly signal: AbortSignal;
  readonly body: Readable;
  /** The decoded JSON body, undefined when it is empty. Throws JSON_INVALID. */
  json<T>(decode: Decoder<T>): Promise<T | undefined>;
}

type Headers = Readonly<Record<string, string>>;

/** What a handler answers; `respond.ts` puts it on the wire. Sources are read only as fast as the client reads. */
export type ApiResponse =
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'empty'; readonly status: number; readonly headers?: Headers }
  | { readonly kind: 'text'; readonly status: number; readonly body: string; readonly headers?: Headers }
  | {
      /** Bytes whose headers are sent before the first of them is there. */
      readonly kind: 'stream';
      readonly status: number;
      readonly type: string;
      readonly headers?: Headers;
      readonly source: AsyncIterable<Uint8Array>;
      /** What is told behind the last byte. */
      readonly trailers?: () => Headers;
    }
  | {
      /**
       * JSON objects, one a line. The headers go out with the first of them, so that an error before it still has
       * a status of its own; with `early` they go out at once. An error after the headers becomes a last line
       * with `error` and `errorDetail`.
       */
      readonly kind: 'messages';
      readonly early?: boolean;
      readonly source: AsyncIterable<object>;
    }
  | {
      /** The connection becomes a raw stream in both directions. It is ended when `serve` is done. */
      readonly kind: 'hijack';
      readonly multiplexed: boolean;
      /** What the client has asked for in `Upgrade`, where it is not just a stream. */
      readonly protocol?: string;
      readonly serve: (client: Duplex) => Promise<void>;
    }
  | {
      /** The same over WebSocket, whose messages are pieces of the stream. */
      readonly kind: 'websocket';
      /** The client's Sec-WebSocket-Key. */
      readonly key: string;
      /** Text messages instead of binary ones. */
      readonly text: boolean;
      readonly serve: (client: Duplex) => Promise<void>;
    };

type ParamName<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? (Name extends `${infer Bare}:path` ? Bare : Name) | ParamName<Rest>
  : never;

type Handler<Path extends string> = (request: ApiRequest<ParamName<Path>>) => Promise<ApiResponse>;

export const get = routeMaker('GET');
export const head = routeMaker('HEAD');
export const post = routeMaker('POST');
export const put = routeMaker('PUT');
export const del = routeMaker('DELETE');

export function json(status: number, body: unknown): ApiResponse {
  return { kind: 'json', status, body };
}

export function empty(status: number, headers?: Headers): ApiResponse {
  return { kind: 'empty', status, ...(headers && { headers }) };
}

function routeMaker(method: Method) {
  return <const Path extends `/${string}`>(path: Path, handle: Handler<Path>, since?: ApiVersion): Route => ({
    method,
    path,
    handle: handle as Route['handle'], // the router fills exactly the parameters that the path names
    ...(since && { since }),
  });
}
