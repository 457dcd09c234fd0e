import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { zstdCompressSync } from 'node:zlib';
import { ContentStore } from '../../../../src/agent/image/content-store.js';
import { FileImageStore } from '../../../../src/agent/image/file-image-store.js';
import { OverlayLayerStore } from '../../../../src/agent/layer/overlay-layer-store.js';
import { exchange } from '../../../../src/agent/registry/http-exchange.js';
import type { PullRequest } from '../../../../src/agent/registry/puller.js';
import { registryAgents } from '../../../../src/agent/registry/registry-agents.js';
import {
  RegistryPuller,
  type RegistryPullerOptions,
} from '../../../../src/agent/registry/registry-puller.js';
import type { ProgressMessage } from '../../../../src/api/progress.js';
import { digestHex, digestOf } from '../../../../src/shared/digest.js';
import { tarEnd, tarFile } from '../../../../src/shared/tar/tar-writer.js';
import { closeServer, indexType, listen, manifestType, startRegistry } from '../../../support/registry.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';
import { tinyImage } from '../../../support/tiny-image.js';

async function openPuller(options: Partial<RegistryPullerOptions> = {}) {
  const dir = await temporaryDirectory();
  const layers = new OverlayLayerStore({ root: `${dir.path}/layers` });
  const content = new ContentStore({ root: `${dir.path}/content` });
  const images = new FileImageStore({ root: `${dir.path}/images`, layers, content });
  const puller = new RegistryPuller({
    ...{ images, layers, content, architecture: 'amd64', firstRetryDelayMs: 5, stallMs: 5000 },
    ...options,
  });
  const messages: ProgressMessage[] = [];
  const pull = (reference: string, rest: Partial<PullRequest> = {}) =>
    puller.pull({
      reference,
      progress: (message) => messages.push(message),
      signal: new AbortController().signal,
      ...rest,
    });
  return {
    ...{ layers, content, images, messages, pull },
    async [Symbol.asyncDispose]() {
      await layers.flush();
      await dir[Symbol.asyncDispose]();
    },
  };
}

type Opened = Awaited<ReturnType<typeof openPuller>>;

async function expectNothing({ images, layers, content }: Opened): Promise<void> {
  expect(await images.list()).toEqual([]);
  expect(await layers.list()).toEqual([]);
  expect(await content.list()).toEqual([]);
}

function smallImage(count: number) {
  const layers = Array.from({ length: count }, (_, n) =>
    Buffer.concat([tarFile({ type: 'file', name: `f${n}` }, randomBytes(300_000)), tarEnd]),
  );
  const config = {
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers', diff_ids: layers.map((l) => digestOf(l)) },
  };
  return { config: Buffer.from(JSON.stringify(config)), layers };
}

const alice = { username: 'alice', password: 'secret' };

describe('RegistryPuller.pull() from docker-registry', () => {
  test("pulls an image and tells docker's messages in docker's order", async () => {
    await using registry = await startRegistry();
    await using opened = await openPuller();
    const { layer, config } = await tinyImage();
    const { digest } = await registry.push('library/tiny', '1', { config, layers: [layer] });
    const reference = `${registry.host}/library/tiny:1`;

    await opened.pull(reference);

    const seen = opened.messages.filter(({ status }) => status !== 'Downloading');
    const id = seen[1]?.id;
    expect(seen.map((message) => [message.id, message.status])).toEqual([
      ['1', 'Pulling from library/tiny'],
      [id, 'Pulling fs layer'],
      [id, 'Verifying Checksum'],
      [id, 'Download complete'],
      [id, 'Extracting'],
      [id, 'Pull complete'],
      [undefined, `Digest: ${digest}`],
      [undefined, `Status: Downloaded newer image for ${reference}`],
    ]);
    expect(opened.messages.some(({ progressDetail }) => (progressDetail?.total ?? 0) > 100_000)).toBe(true);
    const image = await opened.images.resolve(reference);
    expect(image.id).toBe(digestOf(config));
    expect(image.repoDigests).toEqual([`${registry.host}/library/tiny@${digest}`]);
  });

  test('finds that an image is up to date, and layers that are there', async () => {
    await using registry = await startRegistry();
    await using opened = await openPuller();
    const one = smallImage(2);
    const more = smallImage(1);
    const both = { ...one, layers: [...one.layers, ...more.layers] };
    const config = { os: 'linux', rootfs: { diff_ids: both.layers.map((layer) => digestOf(layer)) } };
    await registry.push('x', '1', one);
    await registry.push('x', '2', { ...both, config: Buffer.from(JSON.stringify(config)) });
    await opened.pull(`${registry.host}/x:1`);

    opened.messages.length = 0;
    await opened.pull(`${registry.host}/x:1`);
    expect(opened.messages.at(-1)?.status).toBe(`Status: Image is up to date for ${registry.host}/x:1`);

    opened.messages.length = 0;
    await opened.pull(`${registry.host}/x:2`);
    const statuses = opened.messages.map(({ status }) => status);
    expect(statuses.filter((status) => status === 'Already exists')).toHaveLength(2);
    expect(statuses.filter((status) => status === 'Pull complete')).toHaveLength(1);
  });

  test('pulls many layers and ones compressed with zstd, by digest', async () => {
    await using registry = await startRegistry();
    await using opened = await openPuller();
    const image = smallImage(7);
    const { digest } = await registry.push('many', '1', {
      ...image,
      compress: (layer) => zstdCompressSync(layer),
    });

    await opened.pull(`${registry.host}/many@${digest}`);

    const { id, repoTags, repoDigests } = await opened.images.resolve(`${registry.host}/many@${digest}`);
    expect([id, repoTags, repoDigests]).toEqual([
      digestOf(image.config),
      [],
      [`${registry.host}/many@${digest}`],
    ]);
    expect(opened.messages.filter(({ status }) => status === 'Waiting')).toHaveLength(4);
    expect(await opened.layers.list()).toHaveLength(7);
  });

  test('chooses the platform of a manifest list', async () => {
    await using registry = await startRegistry();
    await using opened = await openPuller();
    const [amd, arm] = [smallImage(1), smallImage(1)];
    const describe = async (architecture: string, image: typeof amd) => ({
      mediaType: manifestType,
      ...(await registry.push('multi', architecture, image)),
      platform: { os: 'linux', architecture },
    });
    const manifests = [await describe('arm64', arm), await describe('amd64', amd)];
    const index = JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests });
    await registry.putManifest('multi', 'latest', indexType, index);

    await opened.pull(`${registry.host}/multi`);
    expect((await opened.images.resolve(`${registry.host}/multi`)).id).toBe(digestOf(amd.config));
    await opened.pull(`${registry.host}/multi`, { platform: { os: 'linux', architecture: 'arm64' } });
    expect((await opened.images.resolve(`${registry.host}/multi`)).id).toBe(digestOf(arm.config));
    const other = opened.pull(`${registry.host}/multi`, { platform: { os: 'linux', architecture: 's390x' } });
    await expect(other).rejects.toThrow('no matching manifest for linux/s390x in the manifest list entries');
  });

  test("says in docker's words what is not there", async () => {
    await using registry = await startRegistry();
    await using opened = await openPuller();
    await registry.push('x', '1', smallImage(1));

    await expect(opened.pull(`${registry.host}/x:nosuch`)).rejects.toMatchObject({
      code: 'IMAGE_NOT_FOUND',
      message: `manifest for ${registry.host}/x:nosuch not found: manifest unknown: manifest unknown`,
    });
    await expectNothing(opened);
  });

  test('speaks TLS', async () => {
    await using registry = await startRegistry({ tls: true });
    await using opened = await openPuller();
    await registry.push('x', '1', smallImage(1));

    await opened.pull(`${registry.host}/x:1`);

    expect(await opened.images.list()).toHaveLength(1);
  });

  test('trusts the authority in certs.d for a host that is not insecure, and no other', async () => {
    await using registry = await startRegistry({ tls: true });
    const ask = async (directory: string) => {
      const agents = await registryAgents([directory], registry.host, false);
      const url = new URL(`https://${registry.host}/v2/`);
      const signal = new AbortController().signal;
      try {
        return await exchange({ method: 'GET', url, agent: agents.for(url), signal, deadlineMs: 5000 });
      } finally {
        agents.close();
      }
    };

    expect((await ask(registry.certificatesDirectory)).status).toBe(200);
    await expect(ask('/nonexistent')).rejects.toThrow(
      `Get "https://${registry.host}/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
    );
  });

  test('logs in with basic authentication', async () => {
    await using registry = await startRegistry({ auth: 'basic' });
    await using opened = await openPuller();
    await registry.push('x', '1', smallImage(1));
    const reference = `${registry.host}/x:1`;

    await expect(opened.pull(reference)).rejects.toThrow('no basic auth credentials');
    await expect(
      opened.pull(reference, { credentials: { ...alice, password: 'wrong' } }),
    ).rejects.toMatchObject({
      code: 'REGISTRY_UNAUTHORIZED',
    });
    await opened.pull(reference, { credentials: alice });

    expect(await opened.images.list()).toHaveLength(1);
  });

  test('logs in with tokens: password, identity token, ready token; others are denied', async () => {
    await using registry = await startRegistry({ auth: 'token' });
    await using opened = await openPuller();
    await registry.push('x', '1', smallImage(1));
    const reference = `${registry.host}/x:1`;

    await expect(opened.pull(reference)).rejects.toMatchObject({
      code: 'REGISTRY_DENIED',
      message: expect.stringContaining(
        `pull access denied for ${registry.host}/x, repository does not exist or may require 'docker login': denied: `,
      ),
    });
    await expect(opened.pull(reference, { credentials: { ...alice, password: 'no' } })).rejects.toThrow(
      'unauthorized: incorrect username or password',
    );
    await opened.pull(reference, { credentials: { identityToken: 'alice-identity' } });
    await opened.pull(reference, { credentials: alice });

    expect(await opened.images.list()).toHaveLength(1);
  });

  test("says in docker's words that nobody listens", async () => {
    await using opened = await openPuller();

    await expect(opened.pull('127.0.0.1:1/x')).rejects.toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
      message: 'Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused',
    });
  });
});

test('pulls every tag of a repository, also from a registry that lists them in pages', async () => {
  await using registry = await startRegistry();
  await using opened = await openPuller();
  for (const tag of ['a', 'b', 'c']) await registry.push('many', tag, smallImage(1));

  await opened.pull(`${registry.host}/many`, { allTags: true });

  const tags = (await opened.images.list()).flatMap(({ repoTags }) => repoTags).sort();
  expect(tags).toEqual(['a', 'b', 'c'].map((tag) => `${registry.host}/many:${tag}`));
});

describe('RegistryPuller.pull() from a server that misbehaves', () => {
  /** Serves one small image; `misbehave` may answer in its place by returning true. */
  async function serve(
    misbehave: (request: IncomingMessage, response: ServerResponse) => boolean,
    count = 1,
  ) {
    const image = smallImage(count);
    const [layer = Buffer.alloc(0)] = image.layers;
    const describe = (blob: Buffer) => ({ digest: digestOf(blob), size: blob.length });
    const manifest = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        config: describe(image.config),
        layers: image.layers.map(describe),
      }),
    );
    const listener: RequestListener = (request, response) => {
      if (misbehave(request, response)) return;
      const { url = '' } = request;
      if (url === '/v2/') response.end('{}');
      else if (url.includes('/manifests/')) response.end(manifest);
      else response.end(image.layers.find((one) => url.endsWith(digestOf(one))) ?? image.config);
    };
    const server = createServer(listener);
    const host = `127.0.0.1:${await listen(server)}`;
    const isLayer = (request: IncomingMessage) => request.url?.endsWith(digestHex(digestOf(layer))) ?? false;
    return { host, layer, isLayer, [Symbol.asyncDispose]: () => closeServer(server) };
  }

  test('goes on with a Range request where a download broke', async () => {
    const ranges: (string | undefined)[] = [];
    await using registry = await serve((request, response) => {
      if (!registry.isLayer(request)) return false;
      const { range } = request.headers;
      ranges.push(range);
      const from = Number(/\d+/.exec(range ?? '0')?.[0]);
      const { layer } = registry;
      const headers = { 'Content-Length': layer.length - from, 'Content-Range': `bytes ${from}-/x` };
      response.writeHead(range ? 206 : 200, headers);
      const isLast = ranges.length === 4;
      response.write(layer.subarray(from, isLast ? undefined : from + 70_000), () => {
        if (isLast) response.end();
        else setTimeout(() => response.destroy(), 20);
      });
      return true;
    });
    await using opened = await openPuller();

    await opened.pull(`${registry.host}/x`);

    expect(ranges).toEqual([undefined, 'bytes=70000-', 'bytes=140000-', 'bytes=210000-']);
    expect(opened.messages.filter(({ status }) => status?.startsWith('Retrying in'))).toHaveLength(3);
    expect(await opened.images.list()).toHaveLength(1);
  });

  test('puts the layers in order although the lowest one comes last', async () => {
    const others: Promise<unknown>[] = [];
    await using registry = await serve((request, response) => {
      if (!registry.isLayer(request)) {
        if (request.url?.includes('/blobs/')) others.push(once(response, 'finish'));
        return false;
      }
      // The config and both other layers have been sent, and there was time to unpack them.
      const sendLast = () => setTimeout(() => response.end(registry.layer), 200);
      const whenSent = () =>
        others.length < 3 ? setTimeout(whenSent, 5) : Promise.all(others).then(sendLast);
      whenSent();
      return true;
    }, 3);
    await using opened = await openPuller();

    await opened.pull(`${registry.host}/x`);

    expect(await opened.layers.list()).toHaveLength(3);
  });

  test('skips what it has when the server does not know ranges', async () => {
    let count = 0;
    await using registry = await serve((request, response) => {
      if (!registry.isLayer(request) || ++count > 1) return false;
      response.writeHead(200, { 'Content-Length': registry.layer.length });
      response.write(registry.layer.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 20));
      return true;
    });
    await using opened = await openPuller();

    await opened.pull(`${registry.host}/x`);

    expect(await opened.images.list()).toHaveLength(1);
  });

  test('gives up after five tries, and nothing remains', async () => {
    let count = 0;
    await using registry = await serve((request, response) => {
      if (!registry.isLayer(request)) return false;
      count++;
      response.writeHead(200, { 'Content-Length': registry.layer.length });
      response.write(registry.layer.subarray(0, 1000), () => response.destroy());
      return true;
    });
    await using opened = await openPuller();

    await expect(opened.pull(`${registry.host}/x`)).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' });

    expect(count).toBe(5);
    await expectNothing(opened);
  });

  test('refuses a layer with another digest at once, and nothing remains', async () => {
    let count = 0;
    await using registry = await serve((request, response) => {
      if (!registry.isLayer(request)) return false;
      count++;
      const damaged = Buffer.from(registry.layer);
      damaged[100_000] = (damaged[100_000] ?? 0) ^ 1;
      response.end(damaged);
      return true;
    });
    await using opened = await openPuller();

    await expect(opened.pull(`${registry.host}/x`)).rejects.toThrow(
      `filesystem layer verification failed for digest ${digestOf(registry.layer)}`,
    );

    expect(count).toBe(1);
    await expectNothing(opened);
  });

  test('refuses a config and a manifest with another digest', async () => {
    await using registry = await serve((request, response) => {
      if (!request.url?.includes('/blobs/') || registry.isLayer(request)) return false;
      response.end('{}');
      return true;
    });
    await using opened = await openPuller();

    await expect(opened.pull(`${registry.host}/x`)).rejects.toThrow('image config verification failed');
    await expect(opened.pull(`${registry.host}/x@${digestOf('?')}`)).rejects.toThrow(
      `manifest verification failed for digest ${digestOf('?')}`,
    );
    await expectNothing(opened);
  });

  test('tries again after 429', async () => {
    let count = 0;
    await using registry = await serve((request, response) => {
      if (!request.url?.includes('/manifests/') || ++count > 2) return false;
      response.writeHead(429).end('{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}');
      return true;
    });
    await using opened = await openPuller();

    await opened.pull(`${registry.host}/x`);

    expect(count).toBe(3);
  });

  test('waits as long as the registry asks for, but not for an hour', async () => {
    const asked: number[] = [];
    let header = '1';
    await using registry = await serve((request, response) => {
      if (!request.url?.includes('/manifests/')) return false;
      asked.push(performance.now());
      if (asked.length % 2 === 0) return false;
      response.writeHead(429, { 'Retry-After': header }).end('{"errors":[{"code":"TOOMANYREQUESTS"}]}');
      return true;
    });
    await using opened = await openPuller();

    await opened.pull(`${registry.host}/x`);
    expect((asked[1] ?? 0) - (asked[0] ?? 0)).toBeGreaterThan(950);
    header = '3600';
    await expect(opened.pull(`${registry.host}/x`)).rejects.toThrow('toomanyrequests');
    expect(asked).toHaveLength(3);
  });

  test('refuses a manifest of 100 MB without reading it to the end', async () => {
    let sent = 0;
    await using registry = await serve((request, response) => {
      if (!request.url?.includes('/manifests/')) return false;
      response.writeHead(200);
      const piece = Buffer.alloc(1 << 20, ' ');
      const more = (): void => {
        if (sent >= 100 << 20 || response.destroyed) return void response.end();
        sent += piece.length;
        response.write(piece, more);
      };
      more();
      return true;
    });
    await using opened = await openPuller();

    await expect(opened.pull(`${registry.host}/x`)).rejects.toThrow('is larger than 4194304 bytes');
    expect(sent).toBeLessThan(50 << 20);
    await expectNothing(opened);
  });

  test('stops in a loop of redirects', async () => {
    await using registry = await serve((request, response) => {
      if (!request.url?.includes('/manifests/')) return false;
      response.writeHead(307, { Location: request.url }).end();
      return true;
    });
    await using opened = await openPuller();

    await expect(opened.pull(`${registry.host}/x`)).rejects.toThrow('stopped after 10 redirects');
  });

  test('does not take the password along to another host', async () => {
    const seen: (string | undefined)[] = [];
    await using store = await serve((request) => {
      seen.push(request.headers.authorization);
      return false;
    });
    await using registry = await serve((request, response) => {
      if (request.headers.authorization === undefined) {
        response.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end();
        return true;
      }
      if (request.url === '/v2/') return false;
      response.writeHead(307, { Location: `http://${store.host}${request.url}` }).end();
      return true;
    });
    await using opened = await openPuller();

    await opened.pull(`${registry.host}/x`, { credentials: alice });

    expect(seen.length).toBeGreaterThan(2);
    expect(seen.every((header) => header === undefined)).toBe(true);
  });

  test('ends a connection that delivers nothing', async () => {
    await using registry = await serve((request, response) => {
      if (!registry.isLayer(request)) return false;
      response.writeHead(200, { 'Content-Length': registry.layer.length });
      response.write(registry.layer.subarray(0, 1000));
      return true;
    });
    await using opened = await openPuller({ stallMs: 300 });

    await expect(opened.pull(`${registry.host}/x`)).rejects.toThrow('no data for 0.3s');
    await expectNothing(opened);
  });

  test('stops at once when it is cancelled, and nothing remains', async () => {
    const stop = new AbortController();
    await using registry = await serve((request, response) => {
      if (!registry.isLayer(request)) return false;
      response.writeHead(200, { 'Content-Length': registry.layer.length });
      response.write(registry.layer.subarray(0, 1000), () => stop.abort(new Error('enough')));
      return true;
    });
    await using opened = await openPuller();

    await expect(opened.pull(`${registry.host}/x`, { signal: stop.signal })).rejects.toThrow('enough');
    await expectNothing(opened);
  });

  test('asks a mirror first for Docker Hub, without the login', async () => {
    const seen: (string | undefined)[] = [];
    await using mirror = await serve((request) => {
      seen.push(request.headers.authorization);
      return false;
    });
    await using opened = await openPuller({ registryMirrors: [`http://${mirror.host}`] });

    await opened.pull('busybox', { credentials: alice });

    expect(seen).toEqual([undefined, undefined, undefined, undefined]);
    expect(opened.messages.at(-1)?.status).toBe('Status: Downloaded newer image for busybox:latest');
    expect((await opened.images.list())[0]?.repoTags).toEqual(['busybox:latest']);
  });
});
