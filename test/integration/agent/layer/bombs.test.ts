import { mkdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { LayerUnpacker } from '../../../../src/agent/layer/layer-unpacker.js';
import { OverlayLayerStore } from '../../../../src/agent/layer/overlay-layer-store.js';
import { systemCalls } from '../../../../src/agent/layer/system-calls.js';
import { decompress } from '../../../../src/shared/decompress.js';
import { digestOf } from '../../../../src/shared/digest.js';
import { readTar } from '../../../../src/shared/tar/read-tar.js';
import { tarEnd, tarFile, tarHeader } from '../../../../src/shared/tar/tar-writer.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';

const zeros = Buffer.alloc(64 << 20);

/** 10 GB of zeros as a compressed tar: the same compressed piece again and again. */
function bomb(compress: (content: Buffer) => Buffer): Readable {
  const size = 10 * 2 ** 30;
  const piece = compress(zeros);
  const pieces = function* (): Generator<Buffer> {
    yield compress(tarHeader({ type: 'file', name: 'bomb', size }));
    for (let sent = 0; sent < size; sent += zeros.length) yield piece;
    yield compress(tarEnd);
  };
  return Readable.from(pieces(), { objectMode: false });
}

test('10 GB in a small gzip are refused as a layer after one, in bounded memory, and nothing remains', async () => {
  await using dir = await temporaryDirectory();
  const store = new OverlayLayerStore({ root: dir.path });
  const before = process.memoryUsage.rss();
  let bytes = 0;
  let most = 0;
  const watched = async function* (): AsyncGenerator<Buffer> {
    for await (const piece of await decompress(bomb((content) => gzipSync(content)))) {
      bytes += piece.length;
      most = Math.max(most, process.memoryUsage.rss());
      yield piece;
    }
  };

  const applied = store.apply(Readable.from(watched(), { objectMode: false }), digestOf('?'), undefined);

  await expect(applied).rejects.toMatchObject({
    code: 'LAYER_INVALID',
    message: expect.stringMatching(/damaged gzip data: it grows to more than \d+ times its size/),
  });
  expect(bytes).toBeLessThan(1.2 * 2 ** 30);
  expect(most - before).toBeLessThan(150 * 2 ** 20);
  expect(await store.list()).toEqual([]);
}, 60_000);

test('10 GB in a small zstd are refused, too', async () => {
  const reading = pipeline(await decompress(bomb((content) => zstdCompressSync(content))), async (pieces) => {
    for await (const _piece of pieces);
  });

  await expect(reading).rejects.toThrow(/damaged zstd data: it grows/);
}, 30_000);

test.each([
  ['entries', { entries: 1_000, names: 10_000 }, /more than 1000 entries/],
  ['directories', { entries: 10_000, names: 1_000 }, /more than 1000 directories and whiteouts/],
])('a layer with too many %s is refused', async (_, limits, message) => {
  await using dir = await temporaryDirectory();
  const root = `${dir.path}/diff`;
  await mkdir(root);
  const members = function* (): Generator<Buffer> {
    for (let n = 0; n < 1_000_000; n++) yield tarFile({ type: 'directory', name: `d${n}/` });
    yield tarEnd;
  };
  const unpacker = new LayerUnpacker(root, systemCalls, limits);

  await expect(readTar(Readable.from(members()), unpacker)).rejects.toThrow(message);
});
