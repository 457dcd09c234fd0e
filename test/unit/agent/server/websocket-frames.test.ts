import fc from 'fast-check';
import {
  closeFrame,
  dataFrame,
  FrameParser,
  pongFrame,
} from '../../../../src/agent/server/websocket-frames.js';

/** As a client writes it. */
function masked(first: number, payload: Buffer): Buffer {
  const mask = Buffer.of(1, 2, 3, 4);
  const long = payload.length >= 0x10000;
  const length = long
    ? Buffer.concat([Buffer.of(0xff), Buffer.alloc(4), Buffer.alloc(4)])
    : payload.length > 125
      ? Buffer.of(0xfe, payload.length >> 8, payload.length & 0xff)
      : Buffer.of(0x80 | payload.length);
  if (long) length.writeUInt32BE(payload.length, 5);
  return Buffer.concat([
    Buffer.of(first),
    length,
    mask,
    payload.map((byte, index) => byte ^ (mask[index & 3] ?? 0)),
  ]);
}

function collector() {
  const data: Buffer[] = [];
  const pings: string[] = [];
  let closes = 0;
  const parser = new FrameParser({
    onData: (payload) => data.push(payload),
    onPing: (payload) => pings.push(payload.toString()),
    onClose: () => {
      closes += 1;
    },
  });
  return { parser, data, pings, closes: () => closes };
}

test('FrameParser hands on what a client sends, however it is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }),
      fc.integer({ min: 1, max: 50 }),
      (payloads, size) => {
        const { parser, data } = collector();
        const bytes = Buffer.concat(payloads.map((payload) => masked(0x82, Buffer.from(payload))));
        for (let at = 0; at < bytes.length; at += size) parser.write(bytes.subarray(at, at + size));
        expect(Buffer.concat(data)).toEqual(Buffer.concat(payloads));
      },
    ),
  );
});

test('FrameParser takes long messages, in several frames, with a ping between', () => {
  const { parser, data, pings, closes } = collector();
  const long = Buffer.alloc(70_000, 'x');

  parser.write(masked(0x02, long));
  parser.write(masked(0x89, Buffer.from('ping')));
  parser.write(masked(0x80, Buffer.from('end')));
  parser.write(Buffer.concat([masked(0x88, Buffer.of(3, 232)), masked(0x82, Buffer.from('after'))]));

  expect(Buffer.concat(data).toString()).toBe(`${long}end`);
  expect(pings).toEqual(['ping']);
  expect(closes()).toBe(1);
});

test.each([
  ['an unmasked frame', Buffer.of(0x82, 1, 65, 0, 0, 0, 0)],
  ['an extension', masked(0xc2, Buffer.of(1))],
  ['an unknown opcode', masked(0x83, Buffer.of(1))],
  ['a long control frame', masked(0x89, Buffer.alloc(126))],
  ['a control frame in pieces', masked(0x09, Buffer.of(1))],
])('FrameParser refuses %s', (_, bytes) => {
  expect(() => collector().parser.write(bytes)).toThrow(RangeError);
});

test('frames of a server have the shortest length there is', () => {
  const headerOf = (length: number) => [...(dataFrame(Buffer.alloc(length), { text: false })[0] ?? [])];

  expect(headerOf(125)).toEqual([0x82, 125]);
  expect(headerOf(126)).toEqual([0x82, 126, 0, 126]);
  expect(headerOf(65_536)).toEqual([0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
  expect([...closeFrame(1000)]).toEqual([0x88, 2, 3, 232]);
  expect([...pongFrame(Buffer.from('a'))]).toEqual([0x8a, 1, 97]);
});
