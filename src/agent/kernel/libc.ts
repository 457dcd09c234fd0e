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

const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const TIOCSWINSZ = 0x5414;
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

/** errno after a call that failed. */
export function lastError(): number {
  return koffi.errno();
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
