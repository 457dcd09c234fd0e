import {
  containerOwner,
  containerOwnerOrSame,
  decodeIdMap,
  formatRanges,
  hostOwner,
  hostOwnerOrNobody,
  hostOwnerOrSame,
  hostRoot,
  type IdMap,
} from '../../../../src/agent/userns/id-map.js';

const map: IdMap = {
  uids: [
    { container: 0, host: 200_000, size: 1000 },
    { container: 1000, host: 500_000, size: 10 },
  ],
  gids: [{ container: 0, host: 300_000, size: 100 }],
};

test('an owner is another one on the other side, and the same without a map', () => {
  expect(hostOwner(map, { uid: 7, gid: 8 })).toEqual({ uid: 200_007, gid: 300_008 });
  expect(hostOwner(map, { uid: 1009, gid: 99 })).toEqual({ uid: 500_009, gid: 300_099 });
  expect(containerOwner(map, { uid: 500_001, gid: 300_000 })).toEqual({ uid: 1001, gid: 0 });
  expect(hostRoot(map)).toEqual({ uid: 200_000, gid: 300_000 });
  for (const convert of [
    hostOwner,
    containerOwner,
    hostOwnerOrNobody,
    hostOwnerOrSame,
    containerOwnerOrSame,
  ]) {
    expect(convert(undefined, { uid: 7, gid: 8 })).toEqual({ uid: 7, gid: 8 });
  }
});

test('an owner that the other side does not have is refused, nobody, or stays', () => {
  expect(() => hostOwner(map, { uid: 1010, gid: 0 })).toThrow(
    'Container ID 1010 cannot be mapped to a host ID',
  );
  expect(hostOwnerOrNobody(map, { uid: 5, gid: 100 })).toEqual({ uid: 200_005, gid: 65_534 });
  expect(containerOwner(map, { uid: 0, gid: 299_999 })).toEqual({ uid: 65_534, gid: 65_534 });
  expect(hostOwnerOrSame(map, { uid: 5, gid: 100 })).toEqual({ uid: 200_005, gid: 100 });
  expect(containerOwnerOrSame(map, { uid: 0, gid: 300_001 })).toEqual({ uid: 0, gid: 1 });
});

test('ranges are written as the kernel reads them', () => {
  expect(formatRanges(map.uids)).toBe('0 200000 1000\n1000 500000 10\n');
});

test('a map is read from JSON, and nothing else is', () => {
  expect(decodeIdMap(JSON.parse(JSON.stringify(map)))).toEqual(map);
  const broken = [
    {},
    { uids: [], gids: [] },
    { uids: [{ container: 0 }], gids: [] },
    { uids: [1], gids: [1] },
    5,
  ];
  for (const value of broken) expect(() => decodeIdMap(value)).toThrow(TypeError);
});
