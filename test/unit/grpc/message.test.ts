import {
  bigInteger,
  bool,
  bytes,
  integer,
  list,
  map,
  message,
  messages,
  nested,
  text,
} from '../../../src/grpc/message.js';

const inner = message({ name: [1, text], size: [2, integer] });
const whole = message({
  title: [1, text],
  flag: [2, bool],
  data: [3, bytes],
  time: [4, bigInteger],
  inner: [5, nested(inner)],
  all: [6, messages(inner)],
  words: [7, list(text)],
  attributes: [8, map(text)],
});

test('a message is read as it was written', () => {
  const value = {
    ...{ title: 'ü', flag: true, data: Buffer.from([0, 255]), time: 1_700_000_000_000_000_001n },
    inner: { name: 'a', size: 2 ** 40 },
    all: [{ name: 'x' }, {}, { size: -1 }],
    words: ['', 'b'],
    attributes: new Map([
      ['k', ''],
      ['', 'v'],
    ]),
  };

  expect(whole.decode(whole.encode(value))).toEqual({
    ...value,
    data: new Uint8Array([0, 255]),
    all: [
      { name: 'x', size: 0 },
      { name: '', size: 0 },
      { name: '', size: -1 },
    ],
  });
});

test('what is absent has the values of proto3, and is not written', () => {
  const empty = whole.decode(new Uint8Array());

  expect(empty).toMatchObject({ title: '', flag: false, time: 0n, inner: undefined, all: [], words: [] });
  expect(whole.encode(empty)).toHaveLength(0);
});

test('fields that are unknown or of another type are skipped', () => {
  const other = message({ title: [1, integer], more: [99, text], words: [7, messages(inner)] });

  const read = whole.decode(other.encode({ title: 7, more: 'x', words: [{ name: 'y' }] }));

  expect(read).toMatchObject({ title: '', words: ['\n\u0001y'] });
});

test('two messages do not share their lists', () => {
  const first = whole.decode(whole.encode({ words: ['a'] }));
  const second = whole.decode(whole.encode({ words: ['b'] }));

  expect([first.words, second.words]).toEqual([['a'], ['b']]);
});

test.each([
  ['a text that is cut off', [0x0a, 5, 1]],
  ['a field number of 0', [0x00, 1]],
  ['a number without end', [0x20, ...Array(12).fill(0xff)]],
  ['a group without end', [0x0b]],
])('%s is refused', (_, wire) => {
  const read = () => whole.decode(new Uint8Array(wire));

  expect(read).toThrow(expect.objectContaining({ code: 'GRPC_MESSAGE_MALFORMED' }));
});
