import { readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { unpackContext } from '../../../../src/agent/build/context/unpack-context.js';
import { tarFile, tarHeader } from '../../../../src/shared/tar/tar-writer.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';

const { signal } = new AbortController();
const limits = { bytes: 64 * 1024 * 1024, entries: 20_000 };

/** Files without an end. */
function* endlessEntries(count: { told: number }): Generator<Buffer> {
  for (;;) yield tarFile({ type: 'file', name: `file-${count.told++}` });
}

/** One file that says it is of 4 TiB, of zeros. */
function* endlessFile(count: { told: number }): Generator<Buffer> {
  yield tarHeader({ type: 'file', name: 'bomb', size: 2 ** 42 });
  const piece = Buffer.alloc(1024 * 1024);
  for (;;) {
    count.told += piece.length;
    yield piece;
  }
}

async function unpack(tar: Readable): Promise<{ readonly error: unknown; readonly files: number }> {
  await using dir = await temporaryDirectory();
  const directory = `${dir.path}/context`;
  await mkdir(directory);
  const options = { directory, scratch: `${dir.path}/scratch`, limits, signal };
  const error: unknown = await unpackContext(tar, options).catch((thrown) => thrown);
  return { error, files: readdirSync(directory).length };
}

test('a context with entries without an end is refused at the limit, and no more of it is read', async () => {
  const count = { told: 0 };

  const { error, files } = await unpack(Readable.from(endlessEntries(count)));

  expect(error).toMatchObject({
    code: 'BUILD_TOO_LARGE',
    message: 'the build context exceeds the limit of 20000 entries',
  });
  expect(files).toBe(limits.entries);
  expect(count.told).toBeLessThan(limits.entries + 10_000);
}, 120_000);

test('a small archive that becomes a file of terabytes is refused at the limit, in bounded memory', async () => {
  const count = { told: 0 };
  const before = process.memoryUsage().rss;
  const bomb = Readable.from(endlessFile(count)).pipe(createGzip({ level: 1 }));

  const { error } = await unpack(bomb);
  bomb.destroy();

  expect(error).toMatchObject({
    code: 'BUILD_TOO_LARGE',
    message: `the build context exceeds the limit of ${limits.bytes} bytes`,
  });
  expect(process.memoryUsage().rss - before).toBeLessThan(512 * 1024 * 1024);
}, 120_000);
