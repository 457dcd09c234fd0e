import { randomBytes } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { isTsmachineError, systemErrorCode, TsmachineError } from './errors.js';
import { waitUntil } from './wait-until.js';

export interface FileLockOptions {
  /** How long to wait for another holder. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * One holder across processes, by a file made exclusively with the holder's process id in it; released by
 * disposal. The lock of a process that is gone is taken over. Throws FILE_LOCKED when the wait is over.
 */
export async function lockFile(path: string, options: FileLockOptions): Promise<AsyncDisposable> {
  let holder: string | undefined;
  await waitUntil(
    async () => {
      if (await tryLock(path)) return true;
      holder = await readFile(path, 'utf8').catch(() => undefined);
      if (holder !== undefined && isGone(holder)) await removeStale(path, holder);
      return undefined;
    },
    { what: `lock "${path}"`, timeoutMs: options.timeoutMs, intervalMs: 50, signal: options.signal },
  ).catch((cause) => {
    // A file that cannot be written is no lock that somebody holds.
    if (!isTsmachineError(cause) || cause.code !== 'WAIT_TIMEOUT') throw cause;
    throw new TsmachineError('unavailable', 'FILE_LOCKED', `"${path}" is held by process ${holder?.trim()}`, {
      hints: ['wait for the other command to finish'],
      cause,
    });
  });
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}

/** The process that holds the lock now; undefined when nobody does. */
export async function lockHolder(path: string): Promise<number | undefined> {
  const holder = await readFile(path, 'utf8').catch(() => undefined);
  return holder === undefined || isGone(holder) ? undefined : Number(holder);
}

/** link(2) is as exclusive as O_EXCL, and the lock is never without its holder, even if we are killed just here. */
async function tryLock(path: string): Promise<boolean> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(draft, `${process.pid}\n`, { mode: 0o600 });
    await link(draft, path);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

/** Two waiters may see the same stale lock: the second must not remove the first one's new lock. */
async function removeStale(path: string, holder: string): Promise<void> {
  const now = await readFile(path, 'utf8').catch(() => undefined);
  if (now === holder) await rm(path, { force: true });
}

function isGone(holder: string): boolean {
  const pid = Number(holder);
  if (!Number.isInteger(pid) || pid <= 0) return true; // nobody writes such a lock
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return systemErrorCode(error) === 'ESRCH';
  }
}
