import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import { decompress } from '../../../src/shared/decompress.js';

const content = [Buffer.alloc(0), Buffer.from('a'), randomBytes(400_000), Buffer.alloc(3_000_000, 'abc')];

function skippable(size: number): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0x184d2a53, 0);
  head.writeUInt32LE(size, 4);
  return Buffer.concat([head, randomBytes(size)]);
}

const checksummed = (each: Buffer) =>
  zstdCompressSync(each, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });

/** In pieces of a size that fits nothing. */
const streamOf = (bytes: Buffer, piece: number) =>
  Readable.from(
    Array.from({ length: Math.ceil(bytes.length / piece) }, (_, n) =>
      bytes.subarray(n * piece, (n + 1) * piece),
    ),
    { objectMode: false },
  );

const kinds: readonly (readonly [string, Buffer])[] = [
  ['gzip of several members', Buffer.concat(content.map((each) => gzipSync(each)))],
  ['zstd of several frames', Buffer.concat(content.map((each) => zstdCompressSync(each)))],
  ['zstd with checksums', Buffer.concat(content.map(checksummed))],
  [
    'zstd with frames to skip',
    Buffer.concat(content.flatMap((each) => [zstdCompressSync(each), skippable(70_000), skippable(0)])),
  ],
];

describe.each([61, 1000, 65_536, 1 << 24])('in pieces of %i bytes', (piece) => {
  test.each(kinds)('%s', async (_, bytes) => {
    const whole = await buffer(await decompress(streamOf(bytes, piece)));

    expect(whole.equals(Buffer.concat(content))).toBe(true);
  });
});

test.each([
  ['cut off', zstdCompressSync(randomBytes(1000)).subarray(0, 500)],
  ['followed by something else', Buffer.concat([zstdCompressSync(Buffer.from('a')), Buffer.from('garbage')])],
])('zstd that is %s is refused', async (_, bytes) => {
  await expect(decompress(Readable.from([bytes])).then(buffer)).rejects.toMatchObject({
    code: 'COMPRESSION_INVALID',
  });
});
