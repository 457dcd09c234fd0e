import { closeSync, constants, openSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { types } from 'node:util';
import { addressBytes } from '../../shared/ip-address.js';
import { CLONE, check, declare, setNamespace } from './libc.js';

/** A descriptor of a process's network namespace, which lives as long as it is open: the caller's to close. */
export function openNetworkNamespace(pid: number): number {
  return openSync(`/proc/${pid}/ns/net`, constants.O_RDONLY);
}

/**
 * Calls `work` with this thread in another network namespace: the sockets it makes belong there for good. It must not
 * wait for anything, so that nothing else of this thread runs there. Costs a few microseconds.
 */
export function inNetworkNamespace<T>(namespace: number, work: () => T): T {
  const own = openSync('/proc/thread-self/ns/net', constants.O_RDONLY);
  try {
    setNamespace(namespace, CLONE.NEWNET);
    try {
      return work();
    } finally {
      leave(own);
    }
  } finally {
    closeSync(own);
  }
}

function leave(own: number): void {
  try {
    setNamespace(own, CLONE.NEWNET);
  } catch {
    process.abort(); // an agent that goes on in a container's network would do harm there
  }
}

export type SocketKind = 'udp' | 'tcp';

export interface SocketAddress {
  /** IPv4 or IPv6, no name. */
  readonly address: string;
  readonly port: number;
}

/** A non-blocking socket bound to an IPv4 address: the caller's to close. Throws EADDRINUSE. */
export function bindSocket(
  kind: SocketKind,
  at: SocketAddress,
): { readonly fd: number; readonly port: number } {
  const bytes = socketAddress(at);
  return openSocket(kind, at.address, (fd) => {
    if (kind === 'tcp') {
      const on = Buffer.alloc(4);
      on.writeInt32LE(1);
      check(setOption(fd, SOL_SOCKET, SO_REUSEADDR, on, on.length), 'setsockopt');
    }
    check(bind(fd, bytes, bytes.length), 'bind');
    const name = Buffer.alloc(16);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(name.length);
    check(nameOf(fd, name, length), 'getsockname');
    return { fd, port: name.readUInt16BE(2) };
  });
}

/**
 * A non-blocking socket for one partner: the caller's to close. A TCP connection need not be there yet; writing waits
 * for it. Throws ENETUNREACH and the like.
 */
export function connectSocket(kind: SocketKind, to: SocketAddress): number {
  const bytes = socketAddress(to);
  return openSocket(kind, to.address, (fd) => {
    try {
      check(connect(fd, bytes, bytes.length), 'connect', to.address);
    } catch (error) {
      if (!isInProgress(error)) throw error;
    }
    return fd;
  });
}

/** By number: Node's table lacks EINPROGRESS. */
function isInProgress(error: unknown): boolean {
  return types.isNativeError(error) && 'errno' in error && error.errno === -115;
}

function openSocket<T>(kind: SocketKind, address: string, prepare: (fd: number) => T): T {
  const type = kind === 'udp' ? SOCK_DGRAM : SOCK_STREAM;
  const fd = check(
    socket(isIPv6(address) ? AF_INET6 : AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
    'socket',
  );
  try {
    return prepare(fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** struct sockaddr_in or sockaddr_in6. */
function socketAddress({ address, port }: SocketAddress): Buffer {
  const bytes = addressBytes(address);
  const result = Buffer.alloc(bytes.length === 4 ? 16 : 28);
  result.writeUInt16LE(bytes.length === 4 ? AF_INET : AF_INET6, 0);
  result.writeUInt16BE(port, 2);
  result.set(bytes, bytes.length === 4 ? 4 : 8);
  return result;
}

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;

const socket = declare('int socket(int domain, int type, int protocol)');
const bind = declare('int bind(int fd, void *address, unsigned int length)');
const connect = declare('int connect(int fd, void *address, unsigned int length)');
const nameOf = declare('int getsockname(int fd, void *address, void *length)');
const setOption = declare('int setsockopt(int fd, int level, int name, void *value, unsigned int length)');
