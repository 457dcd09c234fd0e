import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { systemErrorCode } from '../../shared/errors.js';
import { openProcess } from './descriptors.js';
import { eventedSocket } from './evented.js';

export interface ProcessStatus {
  /** One letter, as in proc_pid_stat(5): R, S, Z … */
  readonly state: string;
  readonly parent: number;
  /** Clock ticks since boot; with the pid it names a process uniquely. */
  readonly startTime: bigint;
}

/** Undefined when there is no such process. */
export function readProcess(pid: number): ProcessStatus | undefined {
  const stat = readProc(pid, 'stat');
  if (stat === undefined) return undefined;
  // The second field is the program's name in parentheses, which may itself contain blanks and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '?', parent: Number(fields[1]), startTime: BigInt(fields[19] ?? 0) };
}

/** Empty when there is no such process, or for a zombie. */
export function commandLine(pid: number): string[] {
  return readProc(pid, 'cmdline')?.split('\0').slice(0, -1) ?? [];
}

/** Of all processes that can be seen. */
export async function processIds(): Promise<readonly number[]> {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
}

/** Resolves when the process has ended, at once when there is none. It need not be a child. Rejects on abort. */
export async function processEnd(pid: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const watcher = openWatcher(pid);
  if (!watcher) return;
  try {
    const ended = Promise.withResolvers<void>();
    watcher.once('error', () => ended.resolve()); // a pidfd is ready at the end, but cannot be read, as libuv does
    watcher.resume();
    const aborted = once(signal, 'abort').then(() => signal.throwIfAborted());
    await Promise.race([ended.promise, aborted]);
  } finally {
    watcher.destroy();
  }
}

/** Succeeds when there is no such process. */
export function signalProcess(pid: number, signal: number): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (systemErrorCode(error) !== 'ESRCH') throw error;
  }
}

function openWatcher(pid: number) {
  try {
    return eventedSocket(openProcess(pid));
  } catch (error) {
    if (systemErrorCode(error) === 'ESRCH') return undefined;
    throw error;
  }
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return undefined; // gone, or going: reading it fails with ESRCH then
  }
}
