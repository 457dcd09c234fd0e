import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { formatBytes, parseBytes } from '../../../src/shared/bytes.js';
import { formatNanoTime, nowNanos, parseNanoTime } from '../../../src/shared/nanotime.js';
import { version } from '../../../src/shared/version.js';

test.each([
  ['512m', 512 * 2 ** 20],
  ['2g', 2 * 2 ** 30],
  ['1.5GiB', 1.5 * 2 ** 30],
  ['10KB', 10_240],
  ['7', 7],
  ['7b', 7],
])('parseBytes(%s)', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

test.each(['', 'm', '1x', '-1', '1 2', 'NaN'])('parseBytes() refuses "%s"', (text) => {
  expect(() => parseBytes(text)).toThrow(`invalid size: "${text}"`);
});

test('formatBytes() prints decimal units as docker does', () => {
  expect([0, 999, 4_258_816, 72_800_000, 1.2e12].map(formatBytes)).toEqual([
    '0B',
    '999B',
    '4.26MB',
    '72.8MB',
    '1.2TB',
  ]);
});

test('parseNanoTime() reads what formatNanoTime() wrote, to the nanosecond', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 4_000_000_000_000_000_000n), (nanos) => {
      expect(parseNanoTime(formatNanoTime(nanos))).toBe(nanos);
    }),
  );
});

test('parseNanoTime() honours the offset', () => {
  expect(parseNanoTime('2026-11-23T22:00:00.5+02:00')).toBe(parseNanoTime('2026-11-23T20:00:00.500Z'));
});

test('nowNanos() never goes backwards', () => {
  const times = Array.from({ length: 1000 }, nowNanos);

  expect(times).toEqual(times.toSorted((a, b) => (a < b ? -1 : 1)));
});

test('version is that of package.json', () => {
  const { version: packaged } = JSON.parse(readFileSync('package.json', 'utf8'));

  expect(version).toBe(packaged);
});
