import { readListing } from '../../../../src/agent/kernel/interfaces.js';

/** A netlink message: length, type, flags, and what follows its header. */
function message(type: number, flags: number, body: Buffer): Buffer {
  const header = Buffer.alloc(16);
  header.writeUInt32LE(16 + body.length, 0);
  header.writeUInt16LE(type, 4);
  header.writeUInt16LE(flags, 6);
  return Buffer.concat([header, body]);
}

function link(index: number, name: string, master: number, flags = 2): Buffer {
  const info = Buffer.alloc(16);
  info.writeInt32LE(index, 4);
  return message(
    16,
    flags,
    Buffer.concat([info, attribute(3, Buffer.from(`${name}\0`)), number(10, master)]),
  );
}

function attribute(type: number, value: Buffer): Buffer {
  const bytes = Buffer.alloc((4 + value.length + 3) & ~3);
  bytes.writeUInt16LE(4 + value.length, 0);
  bytes.writeUInt16LE(type, 2);
  value.copy(bytes, 4);
  return bytes;
}

function number(type: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return attribute(type, bytes);
}

const done = message(3, 2, Buffer.alloc(4));

test('readListing() reads names, indices and bridges from several answers', () => {
  const first = Buffer.concat([link(1, 'lo', 0), link(7, 'tsm1', 4)]);

  expect(readListing([first, Buffer.concat([link(4, 'br0', 0), done])])).toEqual({
    interfaces: [
      { name: 'lo', index: 1, master: 0 },
      { name: 'tsm1', index: 7, master: 4 },
      { name: 'br0', index: 4, master: 0 },
    ],
    isWhole: true,
  });
});

test('readListing() tells that interfaces came or went meanwhile', () => {
  expect(readListing([link(1, 'lo', 0, 0x12), done]).isWhole).toBe(false);
});

test('readListing() throws what the kernel says instead', () => {
  const refusal = Buffer.alloc(4);
  refusal.writeInt32LE(-1);

  expect(() => readListing([message(2, 0, refusal)])).toThrow('EPERM');
});
