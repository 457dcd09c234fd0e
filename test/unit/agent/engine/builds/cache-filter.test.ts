import type { CachedStep } from '../../../../../src/agent/build/cache/step-cache.js';
import {
  cacheFilter,
  cacheId,
  conditionsOf,
  parseConditions,
} from '../../../../../src/agent/engine/builds/cache-filter.js';
import { digestOf } from '../../../../../src/shared/digest.js';

const step: CachedStep = {
  ...{ key: digestOf('x'), source: 'RUN make', createdAt: '2026-01-01T00:00:00Z' },
  ...{ lastUsedAt: '2026-01-01T00:00:00Z', uses: 1, size: 5, inUse: true },
};

test.each([
  ['', true],
  [`id~=${cacheId(step).slice(0, 6)}`, true],
  ['id~=zzz', false],
  [`id==${cacheId(step)},shared`, true],
  ['description==RUN make', true],
  ['description!=RUN make', false],
  ['description~=^RUN', true],
  ['type==regular', true],
  ['type==source.local', false],
  ['inuse', false],
  ['inuse==false', true],
  ['private!=true', true],
  ['mutable==1', false],
  ['immutable', true],
  ['until==2026-01-02T00:00:00Z', true],
  ['unused-for=2025-01-02T00:00:00Z', false],
])('the filter %j', (filter, wanted) => {
  expect(cacheFilter(parseConditions([filter]))(step)).toBe(wanted);
});

test('filters of the Engine API must all hold', () => {
  const filters = new Map([
    ['type', new Set(['regular'])],
    ['shared', new Set(['0'])],
  ]);

  expect(cacheFilter(conditionsOf(filters))(step)).toBe(false);
});

test.each(['colour==red', 'id~=(', '=x'])('the filter %j is refused', (filter) => {
  expect(() => cacheFilter(parseConditions([filter]))).toThrow('invalid filter');
});
