import { open, readFile, rm } from 'node:fs/promises';
import { systemErrorCode, TsmachineError } from './errors.js';
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
    if (options.signal?.aborted) throw cause;
    throw new TsmachineError('unavailable', 'FILE_LOCKED', `"${path}" is held by process ${holder?.trim()}`, {
      hints: ['wait for the other command to finish'],
      cause,
    });
  });
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}

async function tryLock(path: string): Promise<boolean> {
  try {
    await using file = await open(path, 'wx', 0o600);
    await file.writeFile(`${process.pid}\n`);
    return true;
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Two waiters may see the same stale lock: the second must not remove the first one's new lock. */
async function removeStale(path: string, holder: string): Promise<void> {
  const now = await readFile(path, 'utf8').catch(() => undefined);
  if (now === holder) await rm(path, { force: true });
}

function isGone(holder: string): boolean {
  const pid = Number(holder);
  if (!Number.isInteger(pid) || pid <= 0) return false; // being written
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return systemErrorCode(error) === 'ESRCH';
  }
}
