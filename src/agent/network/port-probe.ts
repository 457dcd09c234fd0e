import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { systemErrorCode } from '../../shared/errors.js';
import type { PortBinding } from './network.js';

export interface ProbedPort {
  readonly protocol: PortBinding['protocol'];
  readonly address: string;
  readonly port: number;
}

/**
 * Whether the host lets a program listen there: undefined, or the kernel's words why not. The socket is closed
 * again, since the kernel's address translation, not a socket, serves the port. SCTP is not asked about: Node
 * has no such sockets.
 */
export async function probePort({ protocol, address, port }: ProbedPort): Promise<string | undefined> {
  if (protocol === 'sctp') return undefined;
  try {
    await (protocol === 'tcp' ? listenTcp(address, port) : bindUdp(address, port));
    return undefined;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === undefined) throw error;
    return words.get(code) ?? code;
  }
}

/** strerror's texts, as Go prints them. */
const words = new Map([
  ['EADDRINUSE', 'address already in use'],
  ['EADDRNOTAVAIL', 'cannot assign requested address'],
  ['EAFNOSUPPORT', 'address family not supported by protocol'],
  ['EACCES', 'permission denied'],
  ['EINVAL', 'invalid argument'],
]);

async function listenTcp(host: string, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const server = createServer((socket) => socket.destroy());
  server.once('error', reject);
  server.listen({ host, port, exclusive: true, ipv6Only: true }, () => server.close(() => resolve()));
  return promise;
}

async function bindUdp(address: string, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = createSocket({
    type: address.includes(':') ? 'udp6' : 'udp4',
    ipv6Only: address.includes(':'),
  });
  socket.once('error', (error) => {
    socket.close();
    reject(error);
  });
  socket.bind({ address, port, exclusive: true }, () => socket.close(() => resolve()));
  return promise;
}
