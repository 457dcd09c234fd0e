import { readlinkSync } from 'node:fs';
import { systemErrorCode } from '../../shared/errors.js';
import { check, declare } from './libc.js';
import { cString, type Path } from './system-error.js';

/**
 * Opens a path as a process would whose root directory is the descriptor `root`: symbolic links and ".." never
 * lead out, whatever others change meanwhile (openat2(2), RESOLVE_IN_ROOT, Linux 5.6). The descriptor is
 * close-on-exec and the caller's to close; with O_PATH it stands for the place only.
 * Throws ENOENT, ENOTDIR, ELOOP, … and ENOSYS on an older kernel.
 */
export function openInRoot(root: number, path: Path, flags: number, mode = 0): number {
  return openResolving(RESOLVE_IN_ROOT, root, path, flags, mode);
}

/**
 * Opens a path below a directory; links and ".." that would lead out of it are an error, EXDEV (RESOLVE_BENEATH).
 * Throws otherwise as `openInRoot`.
 */
export function openBeneath(directory: number, path: Path, flags: number): number {
  return openResolving(RESOLVE_BENEATH, directory, path, flags, 0);
}

function openResolving(resolve: bigint, root: number, path: Path, flags: number, mode: number): number {
  const how = Buffer.alloc(24); // struct open_how
  how.writeBigUInt64LE(BigInt(flags | O_CLOEXEC), 0);
  how.writeBigUInt64LE(BigInt(mode), 8);
  how.writeBigUInt64LE(resolve, 16);
  for (let attempt = 1; ; attempt++) {
    try {
      return check(openat2(SYS_openat2, root, cString(path), how, how.length), 'openat2', path);
    } catch (error) {
      // A rename on the way to a ".." while it was followed: it must be tried again.
      if (systemErrorCode(error) !== 'EAGAIN' || attempt === MOST_ATTEMPTS) throw error;
    }
  }
}

/** The descriptor as a path for node:fs, which has no calls relative to a descriptor. */
export function descriptorPath(fd: number): string {
  return `/proc/self/fd/${fd}`;
}

/** Where a descriptor of a tree that is mounted nowhere lies in it: "/etc/hosts". */
export function pathInTree(fd: number): string {
  return readlinkSync(descriptorPath(fd));
}

export const O_PATH = 0o10000000;
const O_CLOEXEC = 0o2000000;
const RESOLVE_BENEATH = 0x8n;
const RESOLVE_IN_ROOT = 0x10n;
const SYS_openat2 = 437;
const MOST_ATTEMPTS = 100;

const openat2 = declare('long syscall(long number, long directory, void *path, void *how, size_t size)');
