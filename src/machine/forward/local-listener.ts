import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { systemErrorCode, TsmachineError } from '../../shared/errors.js';

export interface LocalListenerOptions {
  readonly address: string;
  readonly port: number;
  /** Connects to the other side, for each that connects here. */
  dial(): Promise<Duplex>;
  /** A connection that could not be carried on; those that come after it may. */
  failed(error: unknown): void;
}

/** Listens on this computer and carries each connection to the other side. Throws LOCAL_PORT_UNAVAILABLE. */
export async function openListener(options: LocalListenerOptions): Promise<AsyncDisposable> {
  const { address, port } = options;
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => {}); // 'close' follows
    carry(socket, options);
  });
  server.listen(port, address);
  await once(server, 'listening').catch((error) => {
    throw portUnavailable(options, error);
  });
  return { [Symbol.asyncDispose]: () => close(server, sockets) };
}

async function carry(socket: Socket, { dial, failed }: LocalListenerOptions): Promise<void> {
  try {
    const other = await dial();
    if (socket.destroyed) other.destroy();
    else join(socket, other);
  } catch (error) {
    socket.destroy();
    failed(error);
  }
}

/** The end of either direction is passed on as it is; when one side breaks, so does the other. */
function join(socket: Socket, other: Duplex): void {
  other.on('error', () => {});
  other.once('close', () => socket.destroy());
  socket.once('close', () => other.destroy());
  socket.pipe(other);
  other.pipe(socket);
}

async function close(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  for (const socket of sockets) socket.destroy();
  await closed;
}

function portUnavailable({ address, port }: LocalListenerOptions, cause: unknown): TsmachineError {
  const why =
    { EADDRINUSE: 'something listens there already', EACCES: 'only root may listen on a port that low' }[
      systemErrorCode(cause) ?? ''
    ] ?? String(cause);
  return new TsmachineError(
    'unavailable',
    'LOCAL_PORT_UNAVAILABLE',
    `cannot listen on ${address}:${port} of this computer: ${why}`,
    { hints: [`choose another port, such as ${port < 1024 ? port + 8000 : port + 1}:${port}`], cause },
  );
}
