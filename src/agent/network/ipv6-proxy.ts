import { connect, createServer, type Server, type Socket } from 'node:net';

export interface Ipv6Listener {
  readonly hostAddress: string;
  readonly hostPort: number;
  readonly address: string;
  readonly containerPort: number;
}

const connectTimeoutMs = 10_000;

/**
 * Ports on IPv6 addresses of the host, led to the containers' IPv4 addresses. TCP only. They live in this process:
 * while the agent is down they are closed, and `open` brings them back.
 */
export class Ipv6Proxies {
  readonly #servers = new Map<string, readonly ProxyServer[]>();

  /** Throws the listening error (EADDRINUSE); then none of this container's is open. */
  async open(containerId: string, listeners: readonly Ipv6Listener[]): Promise<void> {
    await this.close(containerId);
    if (listeners.length === 0) return;
    const servers = listeners.map((listener) => new ProxyServer(listener));
    this.#servers.set(containerId, servers);
    try {
      await Promise.all(servers.map((server) => server.listen()));
    } catch (error) {
      await this.close(containerId);
      throw error;
    }
  }

  /** Ends the connections too. Succeeds when there is nothing. */
  async close(containerId: string): Promise<void> {
    const servers = this.#servers.get(containerId) ?? [];
    this.#servers.delete(containerId);
    await Promise.all(servers.map((server) => server.close()));
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#servers.keys()].map((containerId) => this.close(containerId)));
  }
}

class ProxyServer {
  readonly #listener: Ipv6Listener;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(listener: Ipv6Listener) {
    this.#listener = listener;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#serve(client));
  }

  async listen(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const { hostAddress: host, hostPort: port } = this.#listener;
    this.#server.once('error', reject);
    this.#server.listen({ host, port, ipv6Only: true, exclusive: true }, resolve);
    return promise;
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve()); // an error says that it was not listening
    for (const socket of this.#sockets) socket.destroy();
    return promise;
  }

  #serve(client: Socket): void {
    const { address: host, containerPort: port } = this.#listener;
    const upstream = connect({ host, port, allowHalfOpen: true, noDelay: true });
    upstream.setTimeout(connectTimeoutMs, () => upstream.destroy());
    upstream.once('connect', () => upstream.setTimeout(0));
    this.#join(client, upstream);
    this.#join(upstream, client);
  }

  /** What one side sends goes to the other, its end too; when it is gone the other goes. */
  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on('error', () => {}); // 'close' follows
    from.once('close', () => {
      this.#sockets.delete(from);
      if (!from.readableEnded || from.errored) to.destroy();
    });
    from.pipe(to);
  }
}
