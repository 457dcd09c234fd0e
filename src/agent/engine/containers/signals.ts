import { constants } from 'node:os';
import { invalidSignal } from '../errors.js';

const realTimeMinimum = 34;
const realTimeMaximum = 64;

/** "SIGTERM", "term", "15", "RTMIN+3" → the number. Throws SIGNAL_INVALID. */
export function signalNumber(signal: string): number {
  if (/^\d+$/.test(signal)) return numbered(signal);
  const name = signal.toUpperCase().replace(/^SIG/, '');
  const number = (constants.signals as Readonly<Record<string, number>>)[`SIG${name}`] ?? realTime(name);
  if (number === undefined) throw invalidSignal(signal);
  return number;
}

function numbered(signal: string): number {
  const number = Number(signal);
  if (number === 0 || number > realTimeMaximum) throw invalidSignal(signal);
  return number;
}

function realTime(name: string): number | undefined {
  const match = /^RT(MIN|MAX)(?:([+-])(\d+))?$/.exec(name);
  if (!match) return undefined;
  const base = match[1] === 'MIN' ? realTimeMinimum : realTimeMaximum;
  const offset = Number(match[3] ?? 0) * (match[2] === '-' ? -1 : 1);
  const number = base + offset;
  return number >= realTimeMinimum && number <= realTimeMaximum ? number : undefined;
}
