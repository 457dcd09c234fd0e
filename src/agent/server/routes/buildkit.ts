import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import { invalidParameter } from '../errors.js';
import { type ApiRequest, type ApiResponse, post, type Route } from '../route.js';

export interface BuildKitBackend {
  /** The connection becomes one over which the client's own services are called. */
  serveSession(
    connection: Duplex,
    session: { readonly id: string; readonly sharedKey: string; readonly methods: readonly string[] },
  ): Promise<void>;
  /** The connection becomes one of BuildKit's services. */
  serveGrpc(connection: Duplex): Promise<void>;
}

export function buildKitRoutes(buildkit: BuildKitBackend): readonly Route[] {
  return [
    post('/session', async (request) => {
      const { headers } = request;
      const id = header(headers, 'x-docker-expose-session-uuid');
      if (id === '') throw invalidParameter('the header X-Docker-Expose-Session-Uuid is missing');
      const sharedKey = header(headers, 'x-docker-expose-session-sharedkey');
      const methods = header(headers, 'x-docker-expose-session-grpc-method').split(/,\s*/).filter(Boolean);
      return upgraded(request, (client) => buildkit.serveSession(client, { id, sharedKey, methods }));
    }),
    post('/grpc', async (request) => upgraded(request, (client) => buildkit.serveGrpc(client))),
  ];
}

function upgraded({ headers }: ApiRequest, serve: (client: Duplex) => Promise<void>): ApiResponse {
  if (headers.upgrade?.toLowerCase() !== 'h2c') throw invalidParameter('this needs "Upgrade: h2c"');
  return { kind: 'hijack', multiplexed: false, protocol: 'h2c', serve };
}

/** Node joins the values of a repeated header with commas. */
function header(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return (Array.isArray(value) ? value.join(',') : value) ?? '';
}
