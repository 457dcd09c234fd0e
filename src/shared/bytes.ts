import { TsmachineError } from './errors.js';

const units = new Map([
  ['', 1],
  ['b', 1],
  ['k', 2 ** 10],
  ['m', 2 ** 20],
  ['g', 2 ** 30],
  ['t', 2 ** 40],
  ['p', 2 ** 50],
]);

/** "512m" → 536870912. Binary units, suffixes b k kb kib m … p in any case, as docker's `--memory`. */
export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgtp]?)(?:i?b)?$/i.exec(text.trim());
  const unit = units.get(match?.[2]?.toLowerCase() ?? '');
  if (!match || unit === undefined) {
    throw new TsmachineError('invalid-argument', 'SIZE_INVALID', `invalid size: "${text}"`, {
      hints: ['write a number with a unit, such as 512m or 2g'],
    });
  }
  return Math.floor(Number(match[1]) * unit);
}

/** 4258816 → "4.26MB": decimal units, four significant digits at most, as docker prints sizes. */
export function formatBytes(bytes: number): string {
  const names = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let index = 0;
  while (value >= 1000 && index < names.length - 1) {
    value /= 1000;
    index += 1;
  }
  return `${Number(value.toPrecision(3))}${names[index]}`;
}
