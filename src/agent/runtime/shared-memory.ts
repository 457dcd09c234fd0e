import { mkdir, rm } from 'node:fs/promises';
import { systemErrorCode } from '../../shared/errors.js';
import { MNT, MS, mount, unmount } from '../kernel/libc.js';
import type { Owner } from '../userns/id-map.js';

/**
 * A /dev/shm that containers can share: a tmpfs of `size` bytes at `path` on the host, which the runtime binds into
 * the container. Whoever joins binds it too, so its memory is freed with the last container that has it.
 */
export async function makeSharedMemory(path: string, size: number, root: Owner): Promise<void> {
  await freeSharedMemory(path);
  await mkdir(path, { recursive: true, mode: 0o755 });
  mount('shm', path, 'tmpfs', flags, `mode=1777,size=${size},uid=${root.uid},gid=${root.gid}`);
}

/** Takes the host's own mount away; containers keep theirs. Succeeds when there is none. */
export async function freeSharedMemory(path: string): Promise<void> {
  try {
    unmount(path, MNT.DETACH);
  } catch (error) {
    if (!['EINVAL', 'ENOENT'].includes(systemErrorCode(error) ?? '')) throw error; // EINVAL: no mount point
  }
  await rm(path, { recursive: true, force: true });
}

const flags = MS.NOSUID | MS.NODEV | MS.NOEXEC;
