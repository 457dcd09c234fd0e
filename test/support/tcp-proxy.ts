import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy on loopback that can be looked at and cut, to stand for the network between client and host. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Connections over which the client said more than a greeting. */
  readonly sessions: number;
  /** Bytes from the client to the host, in all. */
  readonly sent: number;
  /** Where new connections go from now on. */
  retarget(host: string, port: number): void;
  /** Breaks every connection that is open now. */
  cut(): void;
}

export async function startTcpProxy(host: string, port: number, listenPort = 0): Promise<TcpProxy> {
  let destination = { host, port };
  const open = new Set<Socket>();
  const sentBy = new Map<Socket, number>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const target = connect({ ...destination, allowHalfOpen: true });
    for (const socket of [client, target]) {
      open.add(socket);
      socket.on('close', () => open.delete(socket));
      socket.on('error', () => socket.destroy());
    }
    sentBy.set(client, 0);
    client.on('data', (chunk) => sentBy.set(client, (sentBy.get(client) ?? 0) + chunk.length));
    client.pipe(target).pipe(client);
    client.on('close', () => target.destroy());
    target.on('close', () => client.destroy());
  });
  await once(server.listen(listenPort, '127.0.0.1'), 'listening');
  const cut = () => {
    for (const socket of open) socket.resetAndDestroy();
  };
  return {
    port: (server.address() as AddressInfo).port, // a TCP listener's address is never a string
    get sessions() {
      return [...sentBy.values()].filter((bytes) => bytes > 100).length;
    },
    get sent() {
      return [...sentBy.values()].reduce((all, bytes) => all + bytes, 0);
    },
    retarget(newHost, newPort) {
      destination = { host: newHost, port: newPort };
    },
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
