import fc from 'fast-check';
import { formatFilters, matchesLabels, parseFilters } from '../../../src/api/filters.js';

test('parseFilters() reads what formatFilters() writes', () => {
  const filters = fc.dictionary(
    fc.string().filter((key) => key !== '__proto__'),
    fc.uniqueArray(
      fc.string().filter((value) => value !== '__proto__'),
      { minLength: 1 },
    ),
  );
  fc.assert(
    fc.property(filters, (given) => {
      const parsed = parseFilters(formatFilters(given)) ?? new Map();

      expect([...parsed].map(([name, values]) => [name, [...values].sort()])).toEqual(
        Object.entries(given).map(([name, values]) => [name, [...values].sort()]),
      );
    }),
  );
});

test('matchesLabels() asks for the key, or for key and value', () => {
  const labels = { a: 'b', empty: '' };

  expect(matchesLabels(new Set(['a']), labels)).toBe(true);
  expect(matchesLabels(new Set(['a=b', 'empty=']), labels)).toBe(true);
  expect(matchesLabels(new Set(['a=c']), labels)).toBe(false);
  expect(matchesLabels(new Set(['toString']), labels)).toBe(false);
});
