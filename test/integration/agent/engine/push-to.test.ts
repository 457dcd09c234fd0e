import { randomBytes } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { EngineClient } from '../../../../src/api/client/engine-client.js';
import { inspectImage, loadImages } from '../../../../src/api/client/images.js';
import { engineSource } from '../../../../src/cli/image-transfer/engine-source.js';
import { fileSource, streamSource } from '../../../../src/cli/image-transfer/file-source.js';
import type { ImageSource } from '../../../../src/cli/image-transfer/image-source.js';
import { pushImages } from '../../../../src/cli/image-transfer/push-images.js';
import { silentReporter } from '../../../../src/shared/reporter.js';
import { waitUntil } from '../../../../src/shared/wait-until.js';
import {
  dockerArchive,
  type LayeredImage,
  layeredImage,
  layerWith,
  writeOciLayout,
} from '../../../support/layered-image.js';
import { AgentLab } from './support/agent-lab.js';

const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
const { signal } = new AbortController();
const base = layerWith('base', randomBytes(300_000));
const one = layeredImage(base, layerWith('one', randomBytes(200_000)));
const two = layeredImage(base, layerWith('two', randomBytes(100_000)));

let from: AgentLab;
let to: AgentLab;
let source: EngineClient;
let target: EngineClient;
const { TMPDIR: temporary } = process.env;

beforeAll(async () => {
  [from, to] = await Promise.all([AgentLab.start(), AgentLab.start()]);
  process.env['TMPDIR'] = to.directory; // where only this test leaves something
  source = new EngineClient({ socketPath: from.socket });
  target = new EngineClient({ socketPath: to.socket });
  await load(source, one, 'team/one:1');
  await load(source, two, 'team/two:1');
}, 30_000);
afterEach(() => to.docker(['rmi', '-f', 'team/one:1', 'team/two:1']));
afterAll(async () => {
  if (temporary === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = temporary;
  source.close();
  target.close();
  await from[Symbol.asyncDispose]();
  await to[Symbol.asyncDispose]();
});

async function load(client: EngineClient, image: LayeredImage, tag: string): Promise<void> {
  for await (const _line of loadImages(client, Readable.from([dockerArchive(image, [tag])]), {
    quiet: true,
  }));
}

const options = (names: readonly string[]) => ({ names, architecture, signal });
const push = (images: ImageSource, client = target) =>
  pushImages(images, client, { machine: 'to', signal, reporter: silentReporter, progress() {} });

test('between machines only the layers travel that the other lacks', async () => {
  await using first = await engineSource(source, options(['team/one:1']));
  const all = await push(first);
  await using second = await engineSource(source, options(['team/one:1', 'team/two:1']));
  const rest = await push(second);
  const nothing = await push(second);

  expect(all).toMatchObject({ layers: 2, sentLayers: 2, images: [{ image: 'team/one:1', id: one.id }] });
  expect(rest).toMatchObject({ layers: 3, sentLayers: 1 });
  expect(rest.sentBytes).toBeLessThan(130_000);
  expect(nothing).toMatchObject({ layers: 3, sentLayers: 0 });
  expect(await inspectImage(target, 'team/two:1')).toMatchObject({ Id: two.id, RepoTags: ['team/two:1'] });
});

test('an engine without our end points sends and gets them, too', async () => {
  await using foreign = await withoutOwnEndpoints(from.socket);
  await using foreignTarget = await withoutOwnEndpoints(to.socket);
  await using images = await engineSource(foreign.client, options(['team/one:1', 'team/two:1']));

  expect(await push(images, foreignTarget.client)).toMatchObject({ layers: 3, sentLayers: 3 });
  await to.docker(['rmi', 'team/two:1']);
  expect(await push(images, foreignTarget.client)).toMatchObject({ layers: 3, sentLayers: 1 });
  expect((await inspectImage(target, 'team/two:1')).Id).toBe(two.id);
});

test('an archive, compressed or not, and an OCI layout', async () => {
  const archive = join(to.directory, 'one.tar.gz');
  await writeFile(archive, gzipSync(dockerArchive(one, ['team/one:1'])));
  const layout = join(to.directory, 'layout');
  await mkdir(join(layout, 'blobs/sha256'), { recursive: true });
  await writeOciLayout(layout, two, { tag: '1', compress: gzipSync });

  await using fromArchive = await fileSource(archive, options([]));
  await using fromLayout = await fileSource(layout, options(['team/two:1']));

  expect(await push(fromArchive)).toMatchObject({ sentLayers: 2 });
  expect(await push(fromLayout)).toMatchObject({ layers: 2, sentLayers: 1 });
  expect((await inspectImage(target, 'team/two:1')).Id).toBe(two.id);
  await expect(fileSource(archive, options(['none']))).rejects.toThrow(
    'there is no image "none" in the archive',
  );
  await expect(streamSource(Readable.from([Buffer.from('no tar')]), options([]))).rejects.toThrow(
    /no image archive/,
  );
});

test('a layer that was removed after the question is sent after all', async () => {
  await using first = await engineSource(source, options(['team/one:1']));
  await push(first);
  await using images = await engineSource(source, options(['team/two:1']));
  const removing: ImageSource = {
    ...images,
    archive: async (diffIds) => {
      await to.docker(['rmi', 'team/one:1']);
      return images.archive(diffIds);
    },
  };

  await push(removing);

  expect((await inspectImage(target, 'team/two:1')).Id).toBe(two.id);
});

test('what was sent wrongly is refused, and nothing remains', async () => {
  await using images = await engineSource(source, options(['team/one:1']));
  const other = dockerArchive({ ...one, layers: [base, layerWith('one', randomBytes(200_000))] }, [
    'team/one:1',
  ]);
  const wrong: ImageSource = { ...images, archive: async () => Readable.from([other]) };

  await expect(push(wrong)).rejects.toThrow(/digest|missing/);
  expect(await remains()).toEqual([]);
});

test('a push that is cancelled leaves nothing, neither there nor here', async () => {
  const stop = new AbortController();
  const big = layeredImage(layerWith('big', randomBytes(8_000_000)));
  const archive = dockerArchive(big, ['team/one:1']);
  await using images = await streamSource(Readable.from([archive]), { ...options([]), signal: stop.signal });
  const stalling: ImageSource = {
    ...images,
    archive: async () => Readable.from(stallAfterHalf(archive, () => stop.abort(new Error('cancelled')))),
  };

  const pushing = pushImages(stalling, target, {
    ...{ machine: 'to', signal: stop.signal, reporter: silentReporter, progress() {} },
  });

  await expect(pushing).rejects.toThrow('cancelled');
  await waitUntil(async () => ((await remains()).length === 0 ? true : undefined), {
    ...{ what: 'nothing to remain', timeoutMs: 30_000, intervalMs: 20 },
  });
  await images[Symbol.asyncDispose]();
  expect((await readdir(tmpdir())).filter((name) => name.startsWith('tsmachine-images-'))).toEqual([]);
});

async function* stallAfterHalf(content: Buffer, stop: () => void): AsyncGenerator<Buffer> {
  const half = content.length / 2;
  for (let at = 0; at < half; at += 65_536) yield content.subarray(at, at + 65_536);
  stop();
  yield content.subarray(half);
}

/** Images, and what is half-made, beside what the lab has from the beginning. */
async function remains(): Promise<readonly string[]> {
  const { stdout } = await to.docker(['images', '-q', 'team/*']);
  const list = (path: string) => readdir(join(to.directory, 'data', path)).catch(() => []);
  const layers = (await list('layers/overlay2')).filter((name) => /^[0-9a-f]{64}$/.test(name));
  return [
    ...stdout.split('\n').filter(Boolean),
    ...(await list('layers/staging')),
    ...(await list('images/tmp')),
    ...layers.slice(1),
  ];
}

/** As Docker Engine answers: everything but what only tsmachine's agent has. */
async function withoutOwnEndpoints(socketPath: string) {
  const path = join(from.directory, `proxy-${randomBytes(4).toString('hex')}.sock`);
  const server = createServer((request, response) => {
    if (request.url?.includes('/tsmachine/')) {
      response.writeHead(404, { 'Content-Type': 'application/json' }).end('{"message":"page not found"}');
      return;
    }
    const { method, url, headers } = request;
    const onward = httpRequest({ socketPath, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const client = new EngineClient({ socketPath: path });
  return {
    client,
    async [Symbol.asyncDispose]() {
      client.close();
      server.closeAllConnections();
      server.close();
    },
  };
}
