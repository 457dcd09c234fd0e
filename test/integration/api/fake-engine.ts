import { once } from 'node:events';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { EngineEndpoint } from '../../../src/api/client/endpoint.js';
import { encodeFrame } from '../../../src/api/multiplex.js';
import type { Pair } from '../../support/certificates.js';

export interface FakeEngine extends AsyncDisposable {
  readonly endpoint: EngineEndpoint;
  /** "METHOD path?query" in the order they came. */
  readonly requests: string[];
  /** How many connections were accepted. */
  connections(): number;
}

export type Where = { readonly socketPath: string } | { readonly server: Pair; readonly client: Pair };

/**
 * A real HTTP server that behaves as Docker's engine does on the wire, on TLS with client certificates or on a
 * Unix socket. `/echo/attach` sends back what it gets, framed, and tells the number of bytes after the end of
 * its input; `/silent` never answers; `/slow-body` sends headers and then nothing.
 */
export async function startFakeEngine(where: Where, apiVersion = '1.47'): Promise<FakeEngine> {
  const requests: string[] = [];
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    requests.push(`${request.method} ${request.url}`);
    answer(request, response, apiVersion);
  };
  const server: Server =
    'socketPath' in where
      ? createHttpServer(handle)
      : createHttpsServer({ ...where.server, requestCert: true, allowHalfOpen: true }, handle);
  let connections = 0;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    requests.push(`${request.method} ${request.url} upgrade=${request.headers.upgrade}`);
    hijack(request, socket, head);
  });
  server.listen('socketPath' in where ? where.socketPath : { host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const address = server.address();
  return {
    endpoint:
      'socketPath' in where || address === null || typeof address === 'string'
        ? { socketPath: String(address) }
        : { host: '127.0.0.1', port: address.port, ...where.client },
    requests,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse, apiVersion: string): void {
  const path = (request.url ?? '').replace(/^\/v[\d.]+/, '').replace(/\?.*/, '');
  const json = (status: number, body: object) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  };
  if (path === '/_ping') {
    response.writeHead(200, { 'api-version': apiVersion });
    response.end('OK');
  } else if (path === '/echo-json') {
    request.toArray().then((chunks) => json(200, JSON.parse(Buffer.concat(chunks).toString())));
  } else if (path === '/not-json') response.end('<html>');
  else if (path === '/empty') response.writeHead(204).end();
  else if (path === '/silent') request.resume();
  else if (path === '/slow-body') response.writeHead(200).write('{');
  else if (path === '/later') {
    response.writeHead(200).flushHeaders();
    setTimeout(() => response.end('{"StatusCode":7}'), 100);
  } else if (path === '/lines') sendLines(response);
  else if (path === '/broken-lines') {
    response.write('{"status":"one"}\r\n');
    response.end('{"errorDetail":{"message":"no such tag"},"error":"no such tag"}\r\n');
  } else if (path === '/images/load') {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    request.on('end', () => response.end(`{"stream":"${bytes}"}\n`));
  } else json(404, { message: 'No such container: nobody' });
}

/** One line in two pieces, cut inside a character of two bytes. */
function sendLines(response: ServerResponse): void {
  const bytes = Buffer.from('{"status":"one"}\r\n{"status":"zwölf"}\r\n{"status":"three"}');
  const cut = bytes.indexOf(0xc3) + 1;
  response.write(bytes.subarray(0, cut));
  setTimeout(() => response.end(bytes.subarray(cut)), 20);
}

function hijack(request: IncomingMessage, socket: Duplex, head: Buffer): void {
  if (!request.url?.includes('/echo/attach')) {
    const body = JSON.stringify({ message: 'container nobody is not running' });
    socket.end(`HTTP/1.1 409 Conflict\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
    return;
  }
  // The first frame travels with the headers, as it may when a container writes at once.
  const hello = encodeFrame('stderr', Buffer.from('ready'));
  socket.write(
    Buffer.concat([
      Buffer.from('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n'),
      hello,
    ]),
  );
  if (head.length > 0) socket.unshift(head);
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (!socket.write(encodeFrame('stdout', chunk))) socket.pause();
  });
  socket.on('drain', () => socket.resume());
  socket.on('error', () => {});
  // Output after the end of input: what half-close is for.
  socket.on('end', () => setTimeout(() => socket.end(encodeFrame('stderr', Buffer.from(String(bytes)))), 50));
}
