import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { digestOf } from '../../../../src/shared/digest.js';
import { expectNothing, openPuller, serveImage, smallImage } from './support/misbehaving.js';

// What a registry, or what stands before it, may answer: all of it over real connections.
const describe = (blob: Buffer, mediaType?: string) => ({
  digest: digestOf(blob),
  size: blob.length,
  ...(mediaType && { mediaType }),
});
const manifestOf = ({ config, layers }: { config: Buffer; layers: readonly Buffer[] }) =>
  Buffer.from(
    JSON.stringify({ schemaVersion: 2, config: describe(config), layers: layers.map((l) => describe(l)) }),
  );

/** A server that writes whole answers as HTTP/1.0 does: no length, the end of the connection is the end of the body. */
async function serveHttp10(answer: (path: string) => Buffer) {
  const server = createServer((socket) => {
    socket.on('error', () => {}); // the other side may be gone
    socket.once('data', (head) => {
      const path = /^GET (\S+)/.exec(head.toString('latin1'))?.[1] ?? '';
      socket.end(Buffer.concat([Buffer.from('HTTP/1.0 200 OK\r\n\r\n'), answer(path)]));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}

test('a server of HTTP/1.0 tells no lengths: the end of a connection is the end of an answer', async () => {
  const image = smallImage(2);
  const blobs = [...image.layers, image.config, manifestOf(image)];
  await using registry = await serveHttp10((path) => {
    if (path === '/v2/') return Buffer.from('{}');
    return blobs.find((blob) => path.endsWith(digestOf(blob))) ?? manifestOf(image);
  });
  await using opened = await openPuller();

  await opened.pull(`${registry.host}/x`);

  expect((await opened.images.list())[0]?.id).toBe(digestOf(image.config));
});

test('an answer of HTTP/1.0 that ends too early is gone on with', async () => {
  const image = smallImage(1);
  const [layer = Buffer.alloc(0)] = image.layers;
  let asked = 0;
  await using registry = await serveHttp10((path) => {
    if (path === '/v2/') return Buffer.from('{}');
    if (path.endsWith(digestOf(layer))) return layer.subarray(0, ++asked < 3 ? asked * 100_000 : undefined);
    return path.includes('/blobs/') ? image.config : manifestOf(image);
  });
  await using opened = await openPuller();

  await opened.pull(`${registry.host}/x`);

  expect(asked).toBe(3);
  expect(await opened.images.list()).toHaveLength(1);
});

test('a blob that is shorter than its manifest says is asked for five times, a longer one once', async () => {
  let asked = 0;
  let cut = (layer: Buffer): Buffer => layer.subarray(0, 200_000);
  await using registry = await serveImage((request, response) => {
    if (!registry.isLayer(request)) return false;
    asked += 1;
    response.end(cut(registry.layer));
    return true;
  });
  await using opened = await openPuller();

  await expect(opened.pull(`${registry.host}/x`)).rejects.toThrow('unexpected EOF');
  expect(asked).toBe(5);
  asked = 0;
  cut = (layer) => Buffer.concat([layer, Buffer.alloc(1000)]);
  await expect(opened.pull(`${registry.host}/x`)).rejects.toThrow('is larger than its manifest says');
  expect(asked).toBe(1);
  await expectNothing(opened);
});

test('a server that accepts and answers nothing is given up', async () => {
  await using registry = await serveImage((request) => request.url?.includes('/manifests/') ?? false);
  await using opened = await openPuller({ stallMs: 200 });

  await expect(opened.pull(`${registry.host}/x`)).rejects.toThrow(
    /Client.Timeout exceeded while awaiting headers/,
  );
  await expectNothing(opened);
});

test.each([
  ['a page of a proxy', 502, '<html>bad gateway</html>', 'received unexpected HTTP status: 502', 5],
  ['a page that says all is well', 200, '<html>log in here</html>', 'manifest is not a JSON object', 1],
  ['a list', 200, '[]', 'manifest is not a JSON object', 1],
  ['a manifest without layers', 200, '{"schemaVersion":2}', 'unsupported manifest format', 1],
  [
    'a manifest of schema 1',
    200,
    '{"schemaVersion":1,"fsLayers":[]}',
    'schema 1 support has been removed',
    1,
  ],
  [
    'a digest that is none',
    200,
    '{"config":{"digest":"md5:1","size":1},"layers":[]}',
    'descriptor without digest',
    1,
  ],
  [
    'a size below nothing',
    200,
    `{"config":{"digest":"${digestOf('')}","size":-1},"layers":[]}`,
    'without digest or size',
    1,
  ],
] as const)(
  '%s in place of a manifest is refused by what it is',
  async (_what, status, body, expected, tries) => {
    let asked = 0;
    await using registry = await serveImage((request, response) => {
      if (!request.url?.includes('/manifests/')) return false;
      asked += 1;
      response.writeHead(status, { 'Content-Type': 'text/html' }).end(body);
      return true;
    });
    await using opened = await openPuller();

    await expect(opened.pull(`${registry.host}/x`)).rejects.toThrow(expected);
    expect(asked).toBe(tries);
    await expectNothing(opened);
  },
);

test('wrong media types of answers and of blobs do not matter: contents tell what they are', async () => {
  const image = smallImage(1);
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'text/plain',
    config: describe(image.config, 'application/octet-stream'),
    layers: image.layers.map((layer) => describe(layer, 'application/vnd.oci.image.layer.v1.tar+zstd')),
  });
  await using registry = await serveImage((request, response) => {
    if (request.url === '/v2/') return false;
    const blob = [...image.layers, image.config].find((each) => request.url?.endsWith(digestOf(each)));
    response.writeHead(200, { 'Content-Type': 'image/png' }).end(blob ?? manifest);
    return true;
  });
  await using opened = await openPuller();

  await opened.pull(`${registry.host}/x`);

  expect((await opened.images.list())[0]?.id).toBe(digestOf(image.config));
});

test.each([
  ['lz4', Buffer.concat([Buffer.from([0x04, 0x22, 0x4d, 0x18]), randomBytes(5000)])],
  ['what is no archive at all', randomBytes(5000)],
  [
    'a damaged gzip',
    Buffer.concat([Buffer.from([0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 3]), randomBytes(5000)]),
  ],
])('a layer of %s is refused when it is unpacked, and nothing remains', async (_what, layer) => {
  const image = { ...smallImage(1), layers: [layer] };
  await using registry = await serveImage((request, response) => {
    if (request.url === '/v2/') return false;
    const blob = [layer, image.config].find((each) => request.url?.endsWith(digestOf(each)));
    response.end(blob ?? manifestOf(image));
    return true;
  });
  await using opened = await openPuller();

  await expect(opened.pull(`${registry.host}/x`)).rejects.toThrow(/^failed to register layer: /);
  await expectNothing(opened);
});

test('of a list of 10,000 manifests the one for this platform is taken', async () => {
  const other = (n: number) => ({
    ...{ digest: digestOf(String(n)), size: 1000, mediaType: 'application/vnd.oci.image.manifest.v1+json' },
    platform: { os: 'linux', architecture: `arch${n}` },
  });
  await using registry = await serveImage((request, response) => {
    if (!request.url?.endsWith('/manifests/latest')) return false;
    const own = { ...describe(registry.manifest), platform: { os: 'linux', architecture: 'amd64' } };
    const manifests = [...Array.from({ length: 10_000 }, (_, n) => other(n)), own];
    response.end(JSON.stringify({ schemaVersion: 2, manifests }));
    return true;
  });
  await using opened = await openPuller();

  await opened.pull(`${registry.host}/x`);

  expect((await opened.images.list())[0]?.id).toBe(digestOf(registry.config));
});

test('the same layer twice in one image is pulled', async () => {
  const { layers } = smallImage(1);
  const [layer = Buffer.alloc(0)] = layers;
  const diffIds = [digestOf(layer), digestOf(layer)];
  const config = Buffer.from(
    JSON.stringify({ os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: diffIds } }),
  );
  await using registry = await serveImage((request, response) => {
    if (request.url === '/v2/') return false;
    const blob = [layer, config].find((each) => request.url?.endsWith(digestOf(each)));
    response.end(blob ?? manifestOf({ config, layers: [layer, layer] }));
    return true;
  });
  await using opened = await openPuller();

  await opened.pull(`${registry.host}/x`);

  expect(await opened.layers.list()).toHaveLength(2);
});

test('a registry that is busy while a layer comes is asked again when it says so', async () => {
  let asked = 0;
  await using registry = await serveImage((request, response) => {
    if (!registry.isLayer(request) || ++asked > 2) return false;
    const retryAfter = asked === 1 ? '1' : new Date(Date.now() + 1000).toUTCString();
    response.writeHead(asked === 1 ? 429 : 503, { 'Retry-After': retryAfter }).end();
    return true;
  });
  await using opened = await openPuller();

  await opened.pull(`${registry.host}/x`);

  expect(asked).toBe(3);
  expect(opened.messages.map(({ status }) => status)).toContain('Retrying in 1 seconds');
});

test('redirects between two servers in a circle, and to what is no web address, end', async () => {
  const redirect = (response: ServerResponse, to: string): true => {
    response.writeHead(307, { Location: to }).end();
    return true;
  };
  await using other = await serveImage((request, response) =>
    redirect(response, `http://${registry.host}${request.url}`),
  );
  let location = (path: string): string => `http://${other.host}${path}`;
  await using registry = await serveImage(
    (request, response) => registry.isLayer(request) && redirect(response, location(request.url ?? '')),
  );
  await using opened = await openPuller();

  await expect(opened.pull(`${registry.host}/x`)).rejects.toThrow('stopped after 10 redirects');
  location = () => 'file:///etc/passwd';
  await expect(opened.pull(`${registry.host}/x`)).rejects.toThrow('invalid redirect to "file:///etc/passwd"');
  await expectNothing(opened);
});
