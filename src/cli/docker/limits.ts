import { flagInvalid } from './errors.js';

export interface Ulimit {
  readonly Name: string;
  readonly Soft: number;
  readonly Hard: number;
}

const ulimitNames = new Set([
  ...['as', 'core', 'cpu', 'data', 'fsize', 'locks', 'memlock', 'msgqueue', 'nice', 'nofile', 'nproc'],
  ...['rss', 'rtprio', 'rttime', 'sigpending', 'stack'],
]);

/** "1.5" → 1500000000, as `HostConfig.NanoCpus`. Throws FLAG_INVALID. */
export function parseCpus(text: string): number {
  const match = /^(\d*)(?:\.(\d*))?$/.exec(text);
  const [, whole = '', fraction = ''] = match ?? [];
  if (!match || whole + fraction === '') throw flagInvalid('--cpus', text, 'it is no decimal number');
  if (fraction.replace(/0+$/, '').length > 9) throw flagInvalid('--cpus', text, 'it is too precise');
  return Number(whole) * 1e9 + Number(fraction.slice(0, 9).padEnd(9, '0'));
}

/** NAME=SOFT[:HARD], the hard limit being the soft one unless given; -1 is unlimited. Throws FLAG_INVALID. */
export function parseUlimit(text: string): Ulimit {
  const fail = (why: string) => flagInvalid('--ulimit', text, why);
  const match = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(text);
  if (!match) throw fail('write NAME=SOFT[:HARD]');
  const [, Name = '', soft = '', hard = soft] = match;
  if (!ulimitNames.has(Name)) throw fail(`there is no limit "${Name}"`);
  const [Soft, Hard] = [Number(soft), Number(hard)];
  if (Hard !== -1 && (Soft === -1 || Soft > Hard)) throw fail('the soft limit is above the hard one');
  return { Name, Soft, Hard };
}

/** A whole number of 32 bits. Throws FLAG_INVALID. */
export function parseInteger(flag: string, text: string): number {
  if (!/^-?\d{1,10}$/.test(text)) throw flagInvalid(flag, text, 'it is no whole number');
  return Number(text);
}
