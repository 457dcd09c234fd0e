import { addressOf, check, declare, inPool, lastError, type NativeCall } from './libc.js';
import { cString, errorNumber, systemError } from './system-error.js';

// Descriptors that Node has no API for. Errors are those of `libc.ts`.

/**
 * Connects to a Unix socket that keeps message boundaries. The descriptor is non-blocking and close-on-exec, and
 * the caller's to close. Throws ENAMETOOLONG for a path of more than 107 bytes.
 */
export function seqpacketConnect(path: string): number {
  const address = unixAddress(path);
  const fd = check(native.socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), 'socket');
  if (native.connect(fd, address, address.length) === 0) return fd;
  const error = systemError('connect', lastError(), path);
  native.close(fd);
  throw error;
}

/** A new descriptor for the same open file; close-on-exec, the caller's to close. */
export function duplicate(fd: number): number {
  return check(native.fcntl(fd, F_DUPFD_CLOEXEC, 0), 'fcntl');
}

/**
 * A pipe, both ends close-on-exec and the caller's to close. Node's own "pipes" to child processes are sockets,
 * which a process cannot open through /dev/stdout.
 */
export function makePipe(): { readonly read: number; readonly write: number } {
  const fds = Buffer.alloc(8);
  check(native.pipe2(fds, O_CLOEXEC), 'pipe2');
  return { read: fds.readInt32LE(0), write: fds.readInt32LE(4) };
}

/** A descriptor that becomes readable when the process ends (pidfd_open(2), Linux 5.3). Throws ESRCH, ENOSYS. */
export function openProcess(pid: number): number {
  return check(native.pidfd(SYS_pidfd_open, pid, 0), 'pidfd_open');
}

/**
 * Waits in the thread pool for a message that carries a file descriptor (SCM_RIGHTS) and answers the descriptor,
 * which is close-on-exec and the caller's to close. Nobody else may read from the socket meanwhile.
 * Throws ETIMEDOUT; ECONNRESET when a message without a descriptor or the end of the stream arrives.
 */
export async function receiveFd(socketFd: number, timeoutMs: number): Promise<number> {
  if (!(await waitReadable(socketFd, timeoutMs))) {
    throw systemError('recvmsg', errorNumber('ETIMEDOUT'));
  }
  const { message, control } = messageHeader();
  const received = check(native.recvmsg(socketFd, message, MSG_CMSG_CLOEXEC), 'recvmsg');
  const carriesFd =
    message.readBigUInt64LE(40) >= 20n &&
    control.readInt32LE(8) === SOL_SOCKET &&
    control.readInt32LE(12) === 1;
  if (received === 0 || !carriesFd) throw systemError('recvmsg', errorNumber('ECONNRESET'));
  return control.readInt32LE(16);
}

const AF_UNIX = 1;
const SOCK_SEQPACKET = 5;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const O_CLOEXEC = 0o2000000;
const F_DUPFD_CLOEXEC = 1030;
const SOL_SOCKET = 1;
const MSG_CMSG_CLOEXEC = 0x40000000;
const POLLIN = 1;
const SYS_pidfd_open = 434;

const native = {
  socket: declare('int socket(int domain, int type, int protocol)'),
  connect: declare('int connect(int fd, void *address, unsigned int length)'),
  fcntl: declare('int fcntl(int fd, int command, int argument)'),
  pipe2: declare('int pipe2(void *fds, int flags)'),
  pidfd: declare('long syscall(long number, long pid, long flags)'),
  close: declare('int close(int fd)'),
  recvmsg: declare('long recvmsg(int fd, void *message, int flags)'),
} satisfies Record<string, NativeCall>;

async function waitReadable(fd: number, timeoutMs: number): Promise<boolean> {
  const request = Buffer.alloc(8);
  request.writeInt32LE(fd, 0);
  request.writeInt16LE(POLLIN, 4);
  const prototype = 'int poll(void *fds, unsigned long count, int timeout)';
  return (await inPool(prototype, ['poll'], request, 1, timeoutMs)) > 0;
}

/**
 * struct msghdr, and behind it what it points to: struct iovec, the payload that nobody reads, and the control message
 * (struct cmsghdr and one int, aligned).
 */
function messageHeader(): { readonly message: Buffer; readonly control: Buffer } {
  const [vector, payload, control] = [56n, 72n, 328n];
  const message = Buffer.alloc(352);
  const address = addressOf(message);
  message.writeBigUInt64LE(address + vector, 16);
  message.writeBigUInt64LE(1n, 24);
  message.writeBigUInt64LE(address + control, 32);
  message.writeBigUInt64LE(24n, 40);
  message.writeBigUInt64LE(address + payload, 56);
  message.writeBigUInt64LE(control - payload, 64);
  return { message, control: message.subarray(Number(control)) };
}

function unixAddress(path: string): Buffer {
  const name = cString(path);
  if (name.length > 108) throw systemError('connect', errorNumber('ENAMETOOLONG'), path);
  return Buffer.concat([Buffer.from([AF_UNIX, 0]), name]);
}
