import type { Readable } from 'node:stream';

/** A list is repeated: `t=a&t=b`. */
export type QueryValue = string | number | boolean | readonly string[] | undefined;

export interface EngineRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** Without the version: `/containers/json`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, QueryValue>>;
  /** Sent as JSON, or as it is when it is a stream. */
  readonly body?: object | Readable;
  /** A list is a header that is repeated. */
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly signal?: AbortSignal | undefined;
  /** Until the headers of the answer are there, and again for the body of a plain one. Infinity: none. */
  readonly timeoutMs?: number;
}

/** "/v1.47/containers/json?all=1"; undefined values are left out, true is 1 and false is 0 as Docker sends them. */
export function requestPath(version: string, request: EngineRequest): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.query ?? {})) {
    for (const each of typeof value === 'object' ? value : [value]) {
      if (each !== undefined)
        query.append(name, typeof each === 'boolean' ? (each ? '1' : '0') : String(each));
    }
  }
  const text = query.toString();
  return `${version === '' ? '' : `/v${version}`}${request.path}${text === '' ? '' : `?${text}`}`;
}
