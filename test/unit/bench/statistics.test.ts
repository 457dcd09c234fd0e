import fc from 'fast-check';
import { median, pairedRatio, quantile, summarise } from '../../../bench/statistics.mjs';

describe('median()', () => {
  test('is the middle sample, or the mean of the two in the middle', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([10, 9, 100])).toBe(10);
  });

  test('throws when there are no samples', () => {
    expect(() => median([])).toThrow('no samples');
  });
});

test('quantile() lies between the extremes, in the order of the shares', () => {
  const samples = fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(samples, (values) => {
      const [low, middle, high] = [0.25, 0.5, 0.75].map((share) => quantile(values, share));
      expect(low).toBeGreaterThanOrEqual(Math.min(...values));
      expect(middle).toBeGreaterThanOrEqual(low ?? Number.NaN);
      expect(high).toBeGreaterThanOrEqual(middle ?? Number.NaN);
      expect(high).toBeLessThanOrEqual(Math.max(...values));
    }),
  );
});

test('summarise() does not change what it is given', () => {
  const samples = [5, 1, 3];

  expect(summarise(samples)).toEqual({
    median: 3,
    lowerQuartile: 2,
    upperQuartile: 4,
    minimum: 1,
    maximum: 5,
    count: 3,
  });
  expect(samples).toEqual([5, 1, 3]);
});

describe('pairedRatio()', () => {
  test('is not moved by a slow spell that hits both of a pair', () => {
    expect(pairedRatio([10, 100, 10], [20, 200, 20])).toBe(0.5);
  });

  test('throws when a sample has no partner', () => {
    expect(() => pairedRatio([1, 2], [1])).toThrow('not in pairs');
  });
});
