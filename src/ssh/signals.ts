import { constants } from 'node:os';

/** A remote exit as a shell shows it: the status, or 128 + n for a signal ("TERM" or "SIGTERM"). */
export function exitStatus(code: number | null | undefined, signal?: string): number | undefined {
  if (typeof code === 'number') return code;
  if (signal === undefined) return undefined;
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return 128 + (numbers[signal.startsWith('SIG') ? signal : `SIG${signal}`] ?? 0);
}
