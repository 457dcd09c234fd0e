import { closeSync, readFileSync, writeSync } from 'node:fs';
import { check, declare, type NativeCall } from './libc.js';
import { cString } from './system-error.js';

/**
 * A descriptor of a copy of a program in memory that nobody can change any more (memfd_create(2), F_ADD_SEALS). It is
 * close-on-exec and the caller's to close. Throws where the kernel lets no program run from memory.
 */
export function sealedCopy(path: string, name: string): number {
  const bytes = readFileSync(path);
  const fd = memoryFile(name);
  try {
    for (let offset = 0; offset < bytes.length; ) offset += writeSync(fd, bytes, offset);
    check(native.fcntl(fd, F_ADD_SEALS, ALL_SEALS), 'fcntl');
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** MFD_EXEC says that it is to be run (Linux 6.3); older kernels do not know it and need no word. */
function memoryFile(name: string): number {
  const flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  const fd = native.memfd(SYS_memfd_create, cString(name), flags | MFD_EXEC);
  return fd >= 0 ? fd : check(native.memfd(SYS_memfd_create, cString(name), flags), 'memfd_create', name);
}

const SYS_memfd_create = process.arch === 'arm64' ? 279 : 319;
const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const MFD_EXEC = 0x10;
const F_ADD_SEALS = 1033;
/** Against further seals, shrinking, growing and writing: exactly these are what runtimes look for. */
const ALL_SEALS = 0xf;

const native = {
  memfd: declare('long syscall(long number, void *name, long flags)'),
  fcntl: declare('int fcntl(int fd, int command, int argument)'),
} satisfies Record<string, NativeCall>;
