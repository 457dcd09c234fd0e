import { chainIdOf, chainIdsOf } from '../../../../src/agent/layer/chain-id.js';
import { overlayData } from '../../../../src/agent/layer/overlay-mount.js';
import { digestOf } from '../../../../src/shared/digest.js';

describe('chainIdsOf()', () => {
  test('is the diff ID for the lowest layer and the digest of both above it', () => {
    const [a, b, c] = [digestOf('a'), digestOf('b'), digestOf('c')];

    expect(chainIdsOf([a, b, c])).toEqual([
      a,
      digestOf(`${a} ${b}`),
      digestOf(`${digestOf(`${a} ${b}`)} ${c}`),
    ]);
    expect(chainIdsOf([])).toEqual([]);
    expect(chainIdOf(undefined, a)).toBe(a);
  });
});

describe('overlayData()', () => {
  test('names the uppermost layer first', () => {
    expect(overlayData({ directory: '/d', links: ['TOP', 'LOW'], key: 'c1' }, '/d')).toBe(
      'lowerdir=/d/l/TOP:/d/l/LOW,upperdir=/d/c1/diff,workdir=/d/c1/work',
    );
  });
});
