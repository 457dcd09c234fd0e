import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { fetchImage } from '../../../../src/drivers/libvirt/image/fetch-image.js';
import { digestOf } from '../../../../src/shared/digest.js';
import { silentReporter } from '../../../../src/shared/reporter.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';

const image = Buffer.alloc(300_000, 'image');
const digest = digestOf(image);
const context = { signal: new AbortController().signal, reporter: silentReporter };

let cache: Awaited<ReturnType<typeof temporaryDirectory>>;
let server: Server;
let url: string;
let asked: (string | undefined)[];
/** What the server does with a request, from the first on; the last one stays. */
let behaviours: ((response: ServerResponse, from: number) => void)[];

const whole = (response: ServerResponse, from: number) => {
  const status = from > 0 ? 206 : 200;
  response.writeHead(status, { etag: '"v1"', 'content-length': image.length - from });
  response.end(image.subarray(from));
};
const half = (response: ServerResponse, from: number) => {
  response.writeHead(from > 0 ? 206 : 200, { etag: '"v1"', 'content-length': image.length - from });
  response.write(image.subarray(from, from + 100_000), () => setTimeout(() => response.destroy(), 50));
};

beforeEach(async () => {
  cache = await temporaryDirectory();
  asked = [];
  behaviours = [whole];
  server = createServer((request, response) => {
    asked.push(request.headers.range);
    const from = Number(/^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const behaviour = behaviours.length > 1 ? behaviours.shift() : behaviours[0];
    behaviour?.(response, from);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/image.qcow2`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await cache[Symbol.asyncDispose]();
});

test('an image is downloaded once and kept', async () => {
  const first = await fetchImage(url, digest, cache.path, context);
  const second = await fetchImage(url, digest, cache.path, context);

  expect(first).toEqual(second);
  expect((await readFile(first.path)).equals(image)).toBe(true);
  expect(asked).toHaveLength(1);
});

test('two commands at once download once', async () => {
  await Promise.all([
    fetchImage(url, digest, cache.path, context),
    fetchImage(url, digest, cache.path, context),
  ]);

  expect(asked).toHaveLength(1);
});

test('a download that breaks off is continued', async () => {
  behaviours = [half, half, whole];

  const { path } = await fetchImage(url, digest, cache.path, context);

  expect((await readFile(path)).equals(image)).toBe(true);
  expect(asked).toEqual([undefined, 'bytes=100000-', 'bytes=200000-']);
});

test('an image that is not what the checksum says is refused and not kept', async () => {
  const wrong = digestOf('something else');

  await expect(fetchImage(url, wrong, cache.path, context)).rejects.toMatchObject({
    code: 'IMAGE_CHECKSUM_WRONG',
  });

  expect((await readdir(cache.path)).filter((name) => !name.endsWith('.json'))).toEqual([]);
});

test('a server that says no is not asked again', async () => {
  behaviours = [(response) => void response.writeHead(404).end()];

  await expect(fetchImage(url, undefined, cache.path, context)).rejects.toThrow(/image\.qcow2": .*404/);

  expect(asked).toHaveLength(1);
});

test('a host where nobody listens is named', async () => {
  await expect(fetchImage('http://127.0.0.1:1/i', undefined, cache.path, context)).rejects.toMatchObject({
    code: 'IMAGE_UNAVAILABLE',
  });
});

test('an aborted download ends at once and leaves no image', async () => {
  const abort = new AbortController();
  behaviours = [
    (response) => {
      response.writeHead(200, { 'content-length': image.length });
      response.write(image.subarray(0, 10), () => abort.abort());
    },
  ];

  await expect(
    fetchImage(url, undefined, cache.path, { ...context, signal: abort.signal }),
  ).rejects.toThrow();

  expect((await readdir(cache.path)).filter((name) => !name.includes('.part'))).toEqual([]);
});

test('a file of this machine is taken where it is', async () => {
  const path = join(cache.path, 'own.img');
  await writeFile(path, image);

  expect(await fetchImage(path, digest, join(cache.path, 'cache'), context)).toEqual({ path, digest });
  await expect(fetchImage(join(cache.path, 'none'), undefined, cache.path, context)).rejects.toMatchObject({
    code: 'DRIVER_FILE_UNREADABLE',
  });
});
