import { createSocket } from 'node:dgram';
import { closeSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { systemErrorCode } from '../../shared/errors.js';
import {
  bindSocket,
  inNetworkNamespace,
  openNetworkNamespace,
  type SocketKind,
} from '../kernel/network-namespace.js';
import { decodeQuery, encodeFailure, encodeRejection, type Query, ResponseCode } from './message.js';
import { redirectNames } from './redirect.js';
import { serverAddress } from './resolv-conf.js';
import { framed, MessageReader } from './tcp-framing.js';

/** Answers questions. Undefined stands for no answer. */
export interface Resolver {
  /** At once, where no other server need be asked. */
  local(query: Query, limit: number): Buffer | undefined;
  forward(query: Query, kind: SocketKind, namespace: number, signal: AbortSignal): Promise<Buffer>;
}

/** The name server of one container, on 127.0.0.11 in its network namespace. */
export class NameServer implements Disposable {
  readonly #resolver: Resolver;
  readonly #namespace: number;
  readonly #stop = new AbortController();
  readonly #udp = createSocket({ type: 'udp4', lookup: atOnce });
  readonly #tcp = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket));
  readonly #connections = new Set<Socket>();
  #pending = 0;

  private constructor(resolver: Resolver, namespace: number) {
    this.#resolver = resolver;
    this.#namespace = namespace;
    this.#udp.on('error', () => {}); // of one answer that cannot be sent
    this.#tcp.on('error', () => {}); // of one connection that is gone
    this.#udp.on('message', (message, { address, port }) => {
      this.#answer(message, 'udp', (answer) => this.#udp.send(answer, port, address));
    });
  }

  /**
   * Serves the network namespace of a process. `preferredPort` is tried first: a container whose redirection leads
   * there already has its server back the moment the agent is. Throws ENOENT, and what the kernel refuses.
   * Serves when it returns.
   */
  static start(pid: number, preferredPort: number, resolver: Resolver): NameServer {
    const namespace = openNetworkNamespace(pid);
    const server = new NameServer(resolver, namespace);
    try {
      const fds = openSockets(namespace, preferredPort);
      server.#tcp.listen({ fd: fds.tcp });
      server.#udp.bind({ fd: fds.udp, exclusive: true });
      server.#udp.setRecvBufferSize(receiveBuffer);
      return server;
    } catch (error) {
      server[Symbol.dispose]();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    this.#udp.close();
    this.#tcp.close();
    for (const socket of this.#connections) socket.destroy();
    closeSync(this.#namespace);
  }

  #serve(socket: Socket): void {
    if (this.#connections.size >= maxConnections) {
      socket.destroy();
      return;
    }
    this.#connections.add(socket);
    const reader = new MessageReader();
    socket.setTimeout(idleMs, () => socket.destroy());
    socket.on('error', () => {});
    socket.on('close', () => this.#connections.delete(socket));
    socket.on('end', () => socket.end());
    socket.on('data', (chunk) => {
      for (const message of reader.push(chunk)) {
        this.#answer(message, 'tcp', (answer) => {
          if (socket.writableLength > maxUnread) socket.destroy();
          else if (!socket.destroyed) socket.write(framed(answer));
        });
      }
    });
  }

  #answer(message: Buffer, kind: SocketKind, send: (answer: Buffer) => void): void {
    const query = decodeQuery(message);
    if (query === undefined) return;
    if (typeof query === 'number') {
      send(encodeRejection(message, query));
      return;
    }
    const answer = this.#resolver.local(query, kind === 'tcp' ? largestMessage : query.udpSize);
    if (answer) send(answer);
    else if (this.#pending >= maxPending) send(encodeFailure(query, ResponseCode.SERVFAIL));
    else this.#forward(query, kind).then((forwarded) => this.#stop.signal.aborted || send(forwarded));
  }

  async #forward(query: Query, kind: SocketKind): Promise<Buffer> {
    this.#pending++;
    try {
      return await this.#resolver.forward(query, kind, this.#namespace, this.#stop.signal);
    } catch {
      return encodeFailure(query, ResponseCode.SERVFAIL);
    } finally {
      this.#pending--;
    }
  }
}

interface Sockets {
  readonly udp: number;
  readonly tcp: number;
}

/** On a kernel without nftables the server has port 53 itself, which a container then cannot have on all its addresses. */
function openSockets(namespace: number, preferredPort: number): Sockets {
  try {
    return bindSockets(namespace, preferredPort, redirectNames);
  } catch (error) {
    if (!withoutNftables.has(systemErrorCode(error) ?? '')) throw error;
    return bindSockets(namespace, 53, () => {});
  }
}

function bindSockets(namespace: number, port: number, redirect: typeof redirectNames): Sockets {
  return inNetworkNamespace(namespace, () => {
    const udp = bindNear('udp', port);
    try {
      const tcp = bindNear('tcp', port);
      try {
        redirect({ udp: udp.port, tcp: tcp.port });
        return { udp: udp.fd, tcp: tcp.fd };
      } catch (error) {
        closeSync(tcp.fd);
        throw error;
      }
    } catch (error) {
      closeSync(udp.fd);
      throw error;
    }
  });
}

function bindNear(kind: SocketKind, port: number) {
  try {
    return bindSocket(kind, { address: serverAddress, port });
  } catch (error) {
    if (systemErrorCode(error) !== 'EADDRINUSE') throw error;
    return bindSocket(kind, { address: serverAddress, port: 0 });
  }
}

/** The askers' addresses need no look-up. */
function atOnce(
  address: string,
  _options: object,
  callback: (error: null, address: string, family: number) => void,
): void {
  callback(null, address, 4);
}

/** How kernels say that they have no nftables, or none of the kinds of rules that lead there. */
const withoutNftables = new Set(['EPROTONOSUPPORT', 'EOPNOTSUPP', 'ENOENT', 'EINVAL']);

const largestMessage = 0xffff;
/** What one container may keep busy: questions that wait for other servers, each with a descriptor, and connections. */
const maxPending = 256;
const maxConnections = 64;
const maxUnread = 1024 * 1024;
const idleMs = 10_000;
/** For a burst of questions while the agent does something else; the kernel may give less. */
const receiveBuffer = 1024 * 1024;
