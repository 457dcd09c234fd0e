import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import { errorMessage, systemErrorCode, TsmachineError } from '../shared/errors.js';
import type { Reporter } from '../shared/reporter.js';
import type { SshConnection, TcpTarget } from '../ssh/transport.js';

/** `ssh -L`: what connects here is connected to there. */
export interface PortForward {
  readonly here: TcpTarget;
  readonly there: TcpTarget;
}

/** `[BIND_ADDRESS:]PORT:HOST:HOSTPORT`, IPv6 addresses in brackets. Throws FORWARD_INVALID. */
export function parsePortForward(text: string): PortForward {
  const parts = text.match(/\[[^\]]*\]|[^:]+|(?<=^|:)(?=:)/g) ?? [];
  const [port, host = '', hostPort] = parts.slice(-3);
  const bind = parts.length === 4 ? (parts[0] ?? '') : 'localhost';
  const rebuilt = [...(parts.length === 4 ? [bind] : []), port, host, hostPort].join(':');
  if (parts.length < 3 || rebuilt !== text || !isPort(port) || !isPort(hostPort) || host === '') {
    throw forwardInvalid(text);
  }
  return {
    here: { host: bare(bind === '*' || bind === '' ? '::' : bind), port: Number(port) },
    there: { host: bare(host), port: Number(hostPort) },
  };
}

/** Listens for all of them until it is disposed. Throws PORT_NOT_OPENED; then it listens for none. */
export async function forwardPorts(
  forwards: readonly PortForward[],
  connection: Pick<SshConnection, 'dial'>,
  reporter: Reporter,
): Promise<AsyncDisposable> {
  const open = new AsyncDisposableStack();
  try {
    for (const forward of forwards) open.use(await listen(forward, connection, reporter));
    return open;
  } catch (error) {
    await open.disposeAsync();
    throw error;
  }
}

async function listen(
  { here, there }: PortForward,
  connection: Pick<SshConnection, 'dial'>,
  reporter: Reporter,
): Promise<AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    connect(socket, there, connection).catch((error) => reporter.warn(errorMessage(error)));
  });
  await listening(server, here);
  return {
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function listening(server: Server, { host, port }: TcpTarget): Promise<void> {
  try {
    server.listen({ host, port });
    await once(server, 'listening');
  } catch (cause) {
    const why = systemErrorCode(cause) === 'EADDRINUSE' ? 'the port is taken' : errorMessage(cause);
    throw new TsmachineError('conflict', 'PORT_NOT_OPENED', `cannot listen on "${host}:${port}": ${why}`, {
      hints: ['choose another port on this side: -L PORT:HOST:HOSTPORT'],
      cause,
    });
  }
}

async function connect(
  socket: Socket,
  there: TcpTarget,
  connection: Pick<SshConnection, 'dial'>,
): Promise<void> {
  socket.on('error', () => {});
  try {
    const stream = await connection.dial(there);
    stream.on('error', () => {});
    // Either side may end first, and says so to the other; that one of them breaks off is not our failure.
    await Promise.allSettled([pipeline(socket, stream), pipeline(stream, socket)]);
  } finally {
    socket.destroy();
  }
}

function isPort(text: string | undefined): boolean {
  return /^\d{1,5}$/.test(text ?? '') && Number(text) > 0 && Number(text) < 65_536;
}

function bare(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}

function forwardInvalid(text: string): TsmachineError {
  return new TsmachineError('invalid-argument', 'FORWARD_INVALID', `"${text}" is no port to forward`, {
    hints: ['write -L PORT:HOST:HOSTPORT, such as -L 8080:localhost:80'],
  });
}
