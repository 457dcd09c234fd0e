import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson, writeJsonAtomically } from '../../shared/atomic-file.js';
import { systemErrorCode } from '../../shared/errors.js';
import { isJsonObject } from '../../shared/json.js';

/** A process that no other one can be mistaken for, though process ids are used again. */
export type ProcessIdentity = {
  readonly pid: number;
  /** Clock ticks after boot: field 22 of /proc/PID/stat. */
  readonly startTime: string;
  /** /proc/sys/kernel/random/boot_id. */
  readonly bootId: string;
};

/** Undefined when there is no such process, or only its zombie. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The command in parentheses may itself contain spaces and parentheses; fields count from the last one.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTime] = [fields?.[0], fields?.[19]];
  if (startTime === undefined || state === 'Z' || state === 'X') return undefined;
  return { pid, startTime, bootId: await bootId() };
}

export async function isAlive(process: ProcessIdentity): Promise<boolean> {
  const now = await identify(process.pid);
  return now?.startTime === process.startTime && now.bootId === process.bootId;
}

/** Does nothing when it is gone already. */
export async function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): Promise<void> {
  if (!(await isAlive(identity))) return;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if (systemErrorCode(error) !== 'ESRCH') throw error;
  }
}

/** PID 1 of the sandbox whose directory this is; undefined when it does not run. Never trusts an id alone. */
export async function runningInit(state: string): Promise<ProcessIdentity | undefined> {
  const recorded = await readJson(initFile(state)).catch(() => undefined);
  if (!isProcessIdentity(recorded) || !(await isAlive(recorded))) return undefined;
  return recorded;
}

export async function recordInit(state: string, init: ProcessIdentity): Promise<void> {
  await writeJsonAtomically(initFile(state), init);
}

export async function forgetInit(state: string): Promise<void> {
  await rm(initFile(state), { force: true });
}

function initFile(state: string): string {
  return join(state, 'init.json');
}

async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

function isProcessIdentity(value: unknown): value is ProcessIdentity {
  return (
    isJsonObject(value) &&
    typeof value['pid'] === 'number' &&
    typeof value['startTime'] === 'string' &&
    typeof value['bootId'] === 'string'
  );
}
