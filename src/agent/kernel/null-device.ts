import { chmodSync, chownSync, statSync } from 'node:fs';
import { systemErrorCode } from '../../shared/errors.js';

const path = '/dev/null';

/**
 * Gives /dev/null back to root. crun before 1.24 hands it to the user of a container or process whose input it is: the
 * host's own, which that user could then take from everybody (crun, issue 1845).
 */
export function reclaimNullDevice(): void {
  const { uid, gid, mode } = statSync(path);
  const isRight = uid === 0 && gid === 0 && (mode & 0o777) === 0o666;
  if (isRight) return;
  try {
    chownSync(path, 0, 0);
    chmodSync(path, 0o666); // second: the other owner can no longer change it
  } catch (error) {
    // A host whose /dev is not its own: there crun could not do it either.
    if (!['EPERM', 'EROFS'].includes(systemErrorCode(error) ?? '')) throw error;
  }
}
