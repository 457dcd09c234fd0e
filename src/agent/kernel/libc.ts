import koffi from 'koffi';
import type { TerminalSize } from '../../shared/terminal-size.js';
import { cString, errorNumber, type Path, systemError } from './system-error.js';

/**
 * The system calls that Node has no API for, through the C library this process is linked with (glibc or musl).
 *
 * All are synchronous unless they say otherwise, and throw an Error like those of node:fs: `code` ("ENOENT"),
 * `errno` (negative), `syscall`, `path`. A path may be a Buffer, for names that are not UTF-8.
 * Structures are laid out by hand for 64-bit little-endian Linux, the same on x64 and arm64.
 */
export type { Path } from './system-error.js';

/** mount(2)'s flags. */
export const MS = {
  RDONLY: 0x1,
  NOSUID: 0x2,
  NODEV: 0x4,
  NOEXEC: 0x8,
  SYNCHRONOUS: 0x10,
  REMOUNT: 0x20,
  NOATIME: 0x400,
  NODIRATIME: 0x800,
  BIND: 0x1000,
  MOVE: 0x2000,
  REC: 0x4000,
  UNBINDABLE: 0x20000,
  PRIVATE: 0x40000,
  SLAVE: 0x80000,
  SHARED: 0x100000,
  RELATIME: 0x200000,
  STRICTATIME: 0x1000000,
} as const;

/** umount2(2)'s flags. */
export const MNT = { FORCE: 1, DETACH: 2, EXPIRE: 4 } as const;

/** Namespace types of setns(2). */
export const CLONE = {
  NEWNS: 0x20000,
  NEWCGROUP: 0x2000000,
  NEWUTS: 0x4000000,
  NEWIPC: 0x8000000,
  NEWUSER: 0x10000000,
  NEWPID: 0x20000000,
  NEWNET: 0x40000000,
} as const;

/** flock(2)'s operations. */
export const LOCK = { SH: 1, EX: 2, NB: 4, UN: 8 } as const;

export function mount(source: Path, target: Path, type: string, flags: number, data = ''): void {
  const result = native.mount(cString(source), cString(target), cString(type), flags, cString(data));
  check(result, 'mount', target);
}

export function unmount(target: Path, flags = 0): void {
  check(native.umount2(cString(target), flags), 'umount', target);
}

/** `mode` carries the type bits too (fs.constants.S_IFCHR …). The umask applies. */
export function mknod(path: Path, mode: number, major: number, minor: number): void {
  // By number, because glibc has the function only since 2.33. The kernel's own encoding of a device number.
  const device = ((minor & 0xff) | ((major & 0xfff) << 8) | ((minor & ~0xff) << 12)) >>> 0;
  check(native.syscall(SYS_mknodat, AT_FDCWD, cString(path), mode, device), 'mknod', path);
}

/** Sets an extended attribute of the path itself, also of a symbolic link. */
export function setXattr(path: Path, name: string, value: Uint8Array): void {
  check(native.lsetxattr(cString(path), cString(name), value, value.length, 0), 'lsetxattr', path);
}

/** Undefined when the path has no such attribute. */
export function getXattr(path: Path, name: string): Buffer | undefined {
  return grown((buffer) => native.lgetxattr(cString(path), cString(name), buffer, buffer.length), {
    syscall: 'lgetxattr',
    path,
    absent: 'ENODATA',
  });
}

/** Names of the path's extended attributes; empty where the file system has none at all. */
export function listXattrs(path: Path): string[] {
  const names = grown((buffer) => native.llistxattr(cString(path), buffer, buffer.length), {
    syscall: 'llistxattr',
    path,
    absent: 'ENOTSUP',
  });
  return names ? names.toString('utf8').split('\0').slice(0, -1) : [];
}

export function removeXattr(path: Path, name: string): void {
  check(native.lremovexattr(cString(path), cString(name)), 'lremovexattr', path);
}

/** Times of the path itself, also of a symbolic link, in nanoseconds since the epoch. */
export function setTimes(path: Path, atimeNanos: bigint, mtimeNanos: bigint): void {
  const times = Buffer.alloc(32);
  writeTimespec(times, 0, atimeNanos);
  writeTimespec(times, 16, mtimeNanos);
  check(native.utimensat(AT_FDCWD, cString(path), times, AT_SYMLINK_NOFOLLOW), 'utimensat', path);
}

/** Throws EAGAIN when `LOCK.NB` is given and another holder has it. */
export function flock(fd: number, operation: number): void {
  check(native.flock(fd, operation), 'flock');
}

/** Moves the calling thread (call it in a worker) into the namespace that the descriptor refers to. */
export function setNamespace(fd: number, type: number): void {
  check(native.setns(fd, type), 'setns');
}

/** Soft and hard limit; RLIM_INFINITY is 2^64 − 1. */
export function getResourceLimit(resource: number): { readonly soft: bigint; readonly hard: bigint } {
  const limit = Buffer.alloc(16);
  check(native.getrlimit(resource, limit), 'getrlimit');
  return { soft: limit.readBigUInt64LE(0), hard: limit.readBigUInt64LE(8) };
}

/** Sets the size of a terminal; its foreground processes get SIGWINCH when it changes. */
export function setTerminalSize(fd: number, size: TerminalSize): void {
  const winsize = Buffer.alloc(8);
  winsize.writeUInt16LE(size.rows, 0);
  winsize.writeUInt16LE(size.columns, 2);
  check(native.ioctl(fd, TIOCSWINSZ, winsize), 'ioctl');
}

/**
 * Connects to a Unix socket that keeps message boundaries. The descriptor is non-blocking and close-on-exec, and
 * the caller's to close. Throws ENAMETOOLONG for a path of more than 107 bytes.
 */
export function seqpacketConnect(path: string): number {
  const address = unixAddress(path);
  const fd = check(native.socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), 'socket');
  if (native.connect(fd, address, address.length) === 0) return fd;
  const error = systemError('connect', koffi.errno(), path);
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
  const control = Buffer.alloc(24); // struct cmsghdr and one int, aligned
  const message = messageHeader(Buffer.alloc(256), control);
  const received = check(native.recvmsg(socketFd, message, MSG_CMSG_CLOEXEC), 'recvmsg');
  const carriesFd =
    message.readBigUInt64LE(40) >= 20n &&
    control.readInt32LE(8) === SOL_SOCKET &&
    control.readInt32LE(12) === 1;
  if (received === 0 || !carriesFd) throw systemError('recvmsg', errorNumber('ECONNRESET'));
  return control.readInt32LE(16);
}

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const TIOCSWINSZ = 0x5414;
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
const SYS_mknodat = process.arch === 'arm64' ? 33 : 259;

export const mountPrototype =
  'int mount(void *source, void *target, void *type, unsigned long flags, void *data)';

/** Pointers are given as bytes, and come back as numbers (`intptr_t`). */
export type NativeCall = (...args: readonly (number | Uint8Array)[]) => number;

const native = {
  mount: declare(mountPrototype),
  umount2: declare('int umount2(void *target, int flags)'),
  syscall: declare('long syscall(long number, long fd, void *path, long mode, long device)'),
  lsetxattr: declare('int lsetxattr(void *path, void *name, void *value, size_t size, int flags)'),
  lgetxattr: declare('long lgetxattr(void *path, void *name, void *value, size_t size)'),
  llistxattr: declare('long llistxattr(void *path, void *list, size_t size)'),
  lremovexattr: declare('int lremovexattr(void *path, void *name)'),
  utimensat: declare('int utimensat(int directory, void *path, void *times, int flags)'),
  flock: declare('int flock(int fd, int operation)'),
  setns: declare('int setns(int fd, int type)'),
  getrlimit: declare('int getrlimit(int resource, void *limit)'),
  ioctl: declare('int ioctl(int fd, unsigned long request, void *argument)'),
  socket: declare('int socket(int domain, int type, int protocol)'),
  connect: declare('int connect(int fd, void *address, unsigned int length)'),
  fcntl: declare('int fcntl(int fd, int command, int argument)'),
  pipe2: declare('int pipe2(void *fds, int flags)'),
  pidfd: declare('long syscall(long number, long pid, long flags)'),
  close: declare('int close(int fd)'),
  recvmsg: declare('long recvmsg(int fd, void *message, int flags)'),
};

/**
 * A function of the C library, or of another by its file name. The library is loaded and the function looked up at
 * the first call, which throws when there is none.
 */
export function declare(prototype: string, library: string | null = null): NativeCall {
  let call: NativeCall | undefined;
  return (...args) => {
    call ??= koffi.load(library).func(prototype);
    return call(...args);
  };
}

/** Where a buffer's bytes lie, for structures with pointers; valid as long as the buffer is referenced. */
export function addressOf(buffer: Buffer): bigint {
  return koffi.address(buffer);
}

async function waitReadable(fd: number, timeoutMs: number): Promise<boolean> {
  const request = Buffer.alloc(8);
  request.writeInt32LE(fd, 0);
  request.writeInt16LE(POLLIN, 4);
  const prototype = 'int poll(void *fds, unsigned long count, int timeout)';
  return (await inPool(prototype, ['poll'], request, 1, timeoutMs)) > 0;
}

/** A call that may block, in a thread of the pool. */
export function inPool(
  prototype: string,
  [syscall, path]: readonly [string, Path?],
  ...args: readonly (number | Uint8Array)[]
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const call = koffi.load(null).func(prototype);
  call.async(...args, (error: unknown, result: number) => {
    if (error) reject(error);
    else if (result < 0) reject(systemError(syscall, koffi.errno(), path));
    else resolve(result);
  });
  return promise;
}

/** struct msghdr with one buffer; its pointers are valid as long as `payload` and `control` are referenced. */
function messageHeader(payload: Buffer, control: Buffer): Buffer {
  const vector = Buffer.alloc(16);
  vector.writeBigUInt64LE(koffi.address(payload), 0);
  vector.writeBigUInt64LE(BigInt(payload.length), 8);
  const header = Buffer.alloc(56);
  header.writeBigUInt64LE(koffi.address(vector), 16);
  header.writeBigUInt64LE(1n, 24);
  header.writeBigUInt64LE(koffi.address(control), 32);
  header.writeBigUInt64LE(BigInt(control.length), 40);
  return header;
}

function unixAddress(path: string): Buffer {
  const name = cString(path);
  if (name.length > 108) throw systemError('connect', errorNumber('ENAMETOOLONG'), path);
  return Buffer.concat([Buffer.from([AF_UNIX, 0]), name]);
}

/** Calls with a larger buffer until the answer fits. Undefined when the call fails with `absent`. */
function grown(
  call: (buffer: Buffer) => number,
  options: { syscall: string; path: Path; absent: string },
): Buffer | undefined {
  for (let size = 256; ; size *= 8) {
    const buffer = Buffer.alloc(size);
    const length = call(buffer);
    if (length >= 0) return buffer.subarray(0, length);
    const code = koffi.errno();
    if (code === errorNumber(options.absent)) return undefined;
    if (code !== errorNumber('ERANGE') || size > 0x20000)
      throw systemError(options.syscall, code, options.path);
  }
}

/** The result of a call, or the error in errno when it is negative. */
export function check(result: number, syscall: string, path?: Path): number {
  if (result >= 0) return result;
  throw systemError(syscall, koffi.errno(), path);
}

function writeTimespec(buffer: Buffer, offset: number, nanos: bigint): void {
  const fraction = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  buffer.writeBigInt64LE((nanos - fraction) / 1_000_000_000n, offset);
  buffer.writeBigInt64LE(fraction, offset + 8);
}
