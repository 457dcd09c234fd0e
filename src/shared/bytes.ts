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

/** 4258816 → "4.26MB": decimal units, three significant digits at most, as docker prints sizes. */
export function formatBytes(bytes: number): string {
  return scaled(bytes, 1000, decimal, 3);
}

/** 4258816 → "4.259MB": with four digits, as docker prints progress and sums. */
export function formatBytesFinely(bytes: number): string {
  return scaled(bytes, 1000, decimal, 4);
}

const decimal = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** 4258816 → "4.062MiB": binary units, four significant digits, as docker prints memory. */
export function formatBinaryBytes(bytes: number): string {
  return scaled(bytes, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'], 4);
}

function scaled(bytes: number, base: number, names: readonly string[], digits: number): string {
  let value = bytes;
  let index = 0;
  while (value >= base && index < names.length - 1) {
    value /= base;
    index += 1;
  }
  return `${Number(value.toPrecision(digits))}${names[index]}`;
}
