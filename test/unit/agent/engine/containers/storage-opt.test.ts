import { storageLimitOf } from '../../../../../src/agent/engine/containers/storage-opt.js';

test.each([
  ['512', 512],
  ['20m', 20 * 2 ** 20],
  ['1.5GiB', 1.5 * 2 ** 30],
  ['2 kb', 2048],
])('storageLimitOf() reads a size of %s', (size, bytes) => {
  expect(storageLimitOf({ StorageOpt: { size } })).toBe(bytes);
});

test('storageLimitOf() knows no other option, and no size that is none', () => {
  expect(storageLimitOf({})).toBeUndefined();
  expect(() => storageLimitOf({ StorageOpt: { dm: '1' } })).toThrow('unknown option dm');
  expect(() => storageLimitOf({ StorageOpt: { size: 'much' } })).toThrow("invalid size: 'much'");
  expect(() => storageLimitOf({ StorageOpt: { size: '9000p' } })).toThrow('invalid size');
});
