import { type IncomingMessage, type RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Duplex, Readable } from 'node:stream';
import type { ApiVersion } from '../../api/version.js';
import { errorMessage } from '../../shared/errors.js';
import type { Logger } from '../../shared/logger.js';
import { checkVersion, splitVersion, versionHeaders } from './api-version.js';
import { readJson } from './body.js';
import { pageNotFound } from './errors.js';
import { hijack, takeSocket } from './hijack.js';
import { httpStatus } from './http-status.js';
import { Query } from './query.js';
import { respond, respondError } from './respond.js';
import type { ApiRequest, Route } from './route.js';
import { Router } from './router.js';
import { Turns } from './turns.js';
import { readUpgradeBody } from './upgrade-body.js';
import { serveWebSocket } from './websocket.js';

interface Incoming {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly upgrade: boolean;
  readonly body: () => Promise<Readable>;
  /** The raw connection, for a hijack, as soon as the answers before are out. */
  readonly takeClient: () => Promise<Duplex>;
  /** The connection is somebody else's: nothing is answered any more. */
  taken: boolean;
}

/** node:http's events → routes. It owns no listener; see `listeners.ts`. */
export class ApiServer {
  readonly #router: Router;
  readonly #log: Logger;
  readonly #turns = new Turns();
  readonly #hijacked = new Set<Duplex>();

  constructor(routes: readonly Route[], log: Logger) {
    this.#router = new Router(routes);
    this.#log = log;
  }

  readonly onRequest: RequestListener = (request, response) => {
    const turn = this.#turns.next(request.socket, response);
    void this.#serve({
      request,
      response,
      upgrade: request.headers.upgrade !== undefined, // without "Connection: Upgrade": moby looks at this header alone
      body: async () => request,
      takeClient: async () => {
        await turn;
        response.detachSocket(request.socket);
        return takeSocket(request);
      },
      taken: false,
    });
  };

  /** Also for routes that are not hijacked: Java's HTTP client offers an upgrade to h2c with every request. */
  readonly onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    void this.#serveUpgrade(request, socket as Socket, head); // Node gives the connection's net or TLS socket
  };

  async #serveUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    socket.on('error', () => {}); // Node listens no more, and `close` follows
    await this.#turns.next(socket, response);
    if (socket.destroyed) return;
    socket.setTimeout(0); // what the answer before has set
    response.assignSocket(socket);
    response.once('finish', () => socket.end());
    await this.#serve({
      request,
      response,
      upgrade: true,
      body: async () => Readable.from([await readUpgradeBody(request, socket, head)]),
      takeClient: async () => {
        response.detachSocket(socket);
        return socket;
      },
      taken: false,
    });
  }

  /** Cuts the connections that are attached to containers; the containers live on. */
  closeHijacked(): void {
    for (const client of this.#hijacked) client.destroy();
  }

  async #serve(incoming: Incoming): Promise<void> {
    const { request, response } = incoming;
    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    response.on('error', () => {}); // the client is gone; `close` follows
    try {
      for (const [name, value] of Object.entries(versionHeaders)) response.setHeader(name, value);
      const url = splitTarget(request.url ?? '/');
      const { version, path } = splitVersion(url.path);
      checkVersion(version);
      if (request.method === 'OPTIONS') return await respond(response, anyOptions);
      const match = this.#router.match(request.method ?? 'GET', path, version);
      if (!match) throw pageNotFound();
      const apiRequest = await toApiRequest(incoming, url.search, version, match.params, gone.signal);
      const answer = await match.route.handle(apiRequest);
      if (answer.kind === 'hijack') await this.#hijack(incoming, answer, version);
      else if (answer.kind === 'websocket') await this.#serveWebSocket(incoming, answer);
      else await respond(response, answer);
    } catch (error) {
      this.#fail(incoming, error, gone.signal);
    }
  }

  async #hijack(
    incoming: Incoming,
    answer: Parameters<typeof hijack>[1],
    version: ApiVersion,
  ): Promise<void> {
    await hijack(await this.#take(incoming), answer, { upgrade: incoming.upgrade, version });
  }

  async #serveWebSocket(incoming: Incoming, answer: Parameters<typeof serveWebSocket>[1]): Promise<void> {
    await serveWebSocket(await this.#take(incoming), answer);
  }

  async #take(incoming: Incoming): Promise<Duplex> {
    const client = await incoming.takeClient();
    incoming.taken = true;
    this.#hijacked.add(client);
    client.on('error', () => {}); // the client is gone; `close` follows
    client.once('close', () => this.#hijacked.delete(client));
    return client;
  }

  #fail({ request, response, taken }: Incoming, error: unknown, gone: AbortSignal): void {
    if (gone.aborted || taken) return;
    if (httpStatus(error) === 500) {
      this.#log.error('request failed', {
        method: request.method,
        path: request.url?.split('?')[0],
        error: errorMessage(error),
        stack: error instanceof Error ? error.stack : undefined,
      });
    }
    respondError(response, error);
  }
}

async function toApiRequest(
  incoming: Incoming,
  search: string,
  version: ApiVersion,
  params: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<ApiRequest> {
  const { headers } = incoming.request;
  const body = await incoming.body();
  return {
    params,
    query: new Query(search),
    headers,
    version,
    signal,
    body,
    json: (decode) => readJson(body, headers, decode),
  };
}

/** Absolute-form targets ("http://docker/v1.41/info") are allowed by HTTP and sent by some clients. */
function splitTarget(target: string): { readonly path: string; readonly search: string } {
  const relative = target.replace(/^https?:\/\/[^/]*/, '');
  const at = relative.indexOf('?');
  if (at === -1) return { path: relative, search: '' };
  return { path: relative.slice(0, at), search: relative.slice(at + 1) };
}

/** Of every path, as moby answers it. */
const anyOptions = { kind: 'empty', status: 200 } as const;
