import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ApiVersion, compareVersions } from '../../api/version.js';
import { versionHeaders } from './api-version.js';
import type { ApiResponse } from './route.js';

type Hijack = Extract<ApiResponse, { kind: 'hijack' }>;

const rawStream = 'application/vnd.docker.raw-stream';
const multiplexedStream = 'application/vnd.docker.multiplexed-stream';

/**
 * Turns the connection into a raw stream (Engine API, ContainerAttach, "Hijacking"): 101 UPGRADED for a client
 * that asked for it, else 200 without a length. Ends the connection when it has been served.
 */
export async function hijack(
  client: Duplex,
  answer: Hijack,
  request: { readonly upgrade: boolean; readonly version: ApiVersion },
): Promise<void> {
  if (answer.protocol) await written(client, protocolHead(answer.protocol));
  else client.write(head(answer.multiplexed, request));
  try {
    await answer.serve(client);
  } finally {
    await endGently(client);
  }
}

/**
 * Takes the connection of a request without `Upgrade` away from Node's HTTP parser: what the client sends from
 * now on is its input. Its own listeners for data and end would parse it as the next request.
 */
export function takeSocket(request: IncomingMessage): Duplex {
  const { socket } = request;
  socket.removeAllListeners('data');
  socket.removeAllListeners('end');
  socket.setTimeout(0);
  return socket;
}

function head(multiplexed: boolean, { upgrade, version }: { upgrade: boolean; version: ApiVersion }): string {
  const type =
    upgrade && multiplexed && compareVersions(version, '1.42') >= 0 ? multiplexedStream : rawStream;
  const lines = upgrade
    ? ['HTTP/1.1 101 UPGRADED', `Content-Type: ${type}`, 'Connection: Upgrade', 'Upgrade: tcp']
    : ['HTTP/1.1 200 OK', `Content-Type: ${type}`, 'Connection: close'];
  return headOf(lines);
}

/** Node's HTTP/2 takes the connection at its lowest level: a write that is still under way there ends the process. */
async function written(client: Duplex, text: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  client.write(text, () => resolve());
  await promise;
}

function protocolHead(protocol: string): string {
  return headOf(['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', `Upgrade: ${protocol}`]);
}

function headOf(lines: readonly string[]): string {
  const common = Object.entries(versionHeaders).map(([name, value]) => `${name}: ${value}`);
  return `${[...lines, ...common].join('\r\n')}\r\n\r\n`;
}

/** Everything written goes out before the connection is closed, also when the client still sends. */
async function endGently(client: Duplex): Promise<void> {
  if (client.destroyed) return;
  client.on('error', () => {});
  const { promise, resolve } = Promise.withResolvers<void>();
  client.once('close', resolve);
  client.end(() => resolve());
  await promise;
  client.resume(); // input that nobody reads any more must not keep the connection open
  setTimeout(() => client.destroy(), lingerMs).unref();
}

/** For the client to read the rest: closing a socket with unread input would send a reset and lose output. */
const lingerMs = 2_000;
