import { createSocket, type Socket } from 'node:dgram';
import { createServer, type Server } from 'node:net';
import { systemErrorCode } from '../../shared/errors.js';
import type { PortBinding } from './network.js';

export interface HostPort {
  readonly protocol: PortBinding['protocol'];
  readonly address: string;
  readonly port: number;
}

/** The ports of the host as its other programs see them. */
export interface HostPorts {
  /** Undefined, or the kernel's words why the port cannot be had. */
  take(port: HostPort): Promise<string | undefined>;
  /** Succeeds when it was not taken. */
  release(port: HostPort): void;
}

/**
 * Holds ports by sockets of our own, as dockerd's proxies do: whoever wants to listen there hears that the port is in
 * use, instead of never being asked. Nothing arrives at them, since the kernel's address translation comes first. Only
 * a TCP port on all IPv6 addresses is closed again: it is the proxy's (ipv6-proxy.ts). SCTP is not asked about: Node has
 * no such sockets.
 */
export class SocketHostPorts implements HostPorts {
  readonly #held = new Map<string, Server | Socket>();

  async take(port: HostPort): Promise<string | undefined> {
    if (port.protocol === 'sctp') return undefined;
    try {
      const socket = await (port.protocol === 'tcp' ? listenTcp(port) : bindUdp(port));
      if (port.protocol === 'tcp' && port.address.includes(':')) await closed(socket);
      else this.#held.set(keyOf(port), socket.unref());
      return undefined;
    } catch (error) {
      const code = systemErrorCode(error);
      if (code === undefined) throw error;
      return words.get(code) ?? code;
    }
  }

  release(port: HostPort): void {
    this.#held.get(keyOf(port))?.close();
    this.#held.delete(keyOf(port));
  }
}

function keyOf({ protocol, address, port }: HostPort): string {
  return `${protocol}/${address}/${port}`;
}

/** strerror's texts, as Go prints them. */
const words = new Map([
  ['EADDRINUSE', 'address already in use'],
  ['EADDRNOTAVAIL', 'cannot assign requested address'],
  ['EAFNOSUPPORT', 'address family not supported by protocol'],
  ['EACCES', 'permission denied'],
  ['EINVAL', 'invalid argument'],
]);

async function listenTcp({ address: host, port }: HostPort): Promise<Server> {
  const { promise, resolve, reject } = Promise.withResolvers<Server>();
  const server = createServer((socket) => socket.destroy());
  server.once('error', reject);
  server.listen({ host, port, exclusive: true, ipv6Only: true }, () => resolve(server));
  return promise;
}

async function bindUdp({ address, port }: HostPort): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const isIpv6 = address.includes(':');
  const socket = createSocket({ type: isIpv6 ? 'udp6' : 'udp4', ipv6Only: isIpv6 });
  socket.on('error', (error) => {
    socket.close();
    reject(error);
  });
  socket.bind({ address, port, exclusive: true }, () => resolve(socket));
  return promise;
}

async function closed(socket: Server | Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.close(() => resolve());
  return promise;
}
