import { open } from 'node:fs/promises';
import { systemErrorCode, TsmachineError } from '../shared/errors.js';
import { flock, LOCK } from './kernel/libc.js';

/**
 * One agent per data root. The kernel gives the lock back with the process, however it ends; a process id in a
 * file would be taken for alive after the reboot of a host or a sandbox. Throws DATA_ROOT_LOCKED.
 */
export async function lockDataRoot(path: string): Promise<AsyncDisposable> {
  const file = await open(path, 'w', 0o600);
  try {
    flock(file.fd, LOCK.EX | LOCK.NB);
  } catch (cause) {
    await file.close();
    if (systemErrorCode(cause) !== 'EAGAIN' && systemErrorCode(cause) !== 'EWOULDBLOCK') throw cause;
    throw new TsmachineError('unavailable', 'DATA_ROOT_LOCKED', `"${path}" is held by another agent`, {
      hints: ['stop the other agent, or give this one a data root of its own'],
      cause,
    });
  }
  return file;
}
