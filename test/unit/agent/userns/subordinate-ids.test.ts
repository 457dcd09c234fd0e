import { freeId, idRanges, parseSubordinateIds } from '../../../../src/agent/userns/subordinate-ids.js';

const text = `# who: first: how many
lxd:100000:65536
dockremap:165536:65536

dockremap:300000:1000
1000:400000:10
broken:x:1
huge:4294967290:65536
none:5:0
`;

test('ranges are read; what is none is left out', () => {
  expect(parseSubordinateIds(text)).toEqual([
    { owner: 'lxd', first: 100_000, count: 65_536 },
    { owner: 'dockremap', first: 165_536, count: 65_536 },
    { owner: 'dockremap', first: 300_000, count: 1000 },
    { owner: '1000', first: 400_000, count: 10 },
  ]);
});

test("a container's IDs go through all ranges of an owner, found by name or number", () => {
  const ranges = parseSubordinateIds(text);
  expect(idRanges(ranges, ['dockremap', '995'])).toEqual([
    { container: 0, host: 165_536, size: 65_536 },
    { container: 65_536, host: 300_000, size: 1000 },
  ]);
  expect(idRanges(ranges, ['me', '1000'])).toEqual([{ container: 0, host: 400_000, size: 10 }]);
  expect(idRanges(ranges, ['nobody'])).toEqual([]);
});

test('a new range begins behind all others', () => {
  expect(freeId(parseSubordinateIds(text))).toBe(400_010);
  expect(freeId([])).toBe(100_000);
});
