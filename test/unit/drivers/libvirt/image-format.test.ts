import { formatOf } from '../../../../src/drivers/libvirt/image/format.js';

function header(write: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(512);
  write(bytes);
  return bytes;
}

function qcow2(version: number, backing: bigint, size: bigint): Buffer {
  return header((bytes) => {
    bytes.write('QFI\xfb', 'latin1');
    bytes.writeUInt32BE(version, 4);
    bytes.writeBigUInt64BE(backing, 8);
    bytes.writeBigUInt64BE(size, 24);
  });
}

test('qcow2 tells the size that a guest sees', () => {
  expect(formatOf(qcow2(3, 0n, 2_147_483_648n), 1000, 'i')).toEqual({
    format: 'qcow2',
    virtualSize: 2_147_483_648,
    fileSize: 1000,
  });
});

test('what has no known header is raw, if it is of whole sectors', () => {
  expect(
    formatOf(
      header(() => {}),
      1024,
      'i',
    ),
  ).toMatchObject({ format: 'raw', virtualSize: 1024 });
  expect(() =>
    formatOf(
      header(() => {}),
      1000,
      'i',
    ),
  ).toThrow(/no disk image/);
  expect(() => formatOf(Buffer.alloc(0), 0, 'i')).toThrow(/no disk image/);
});

test('an overlay of another file is refused, and so is qcow', () => {
  expect(() => formatOf(qcow2(3, 512n, 1n), 1000, 'i')).toThrow(/overlay/);
  expect(() => formatOf(qcow2(1, 0n, 1n), 1000, 'i')).toThrow(/obsolete/);
});

test.each([
  ['KDMV', 0, /VMDK/],
  ['conectix', 0, /VHD/],
  ['vhdxfile', 0, /VHDX/],
  ['\x1f\x8b\x08', 0, /gzip/],
  ['\xfd7zXZ\0', 0, /xz/],
  ['ustar', 257, /tar/],
  ['<!doctype html>', 0, /web page/],
])('%j at %i is refused by its name', (magic, at, words) => {
  const bytes = header((all) => all.write(magic, at, 'latin1'));

  expect(() => formatOf(bytes, 1024, 'image')).toThrow(words);
});
