import { once } from 'node:events';
import { digestOf } from '../../../../src/shared/digest.js';
import { expectNothing, openPuller, serveImage } from './support/misbehaving.js';

const alice = { username: 'alice', password: 'secret' };

describe('RegistryPuller.pull() from a server that misbehaves', () => {
  test('goes on with a Range request where a download broke', async () => {
    const ranges: (string | undefined)[] = [];
    await using registry = await serveImage((request, response) => {
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
    await using registry = await serveImage((request, response) => {
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
    await using registry = await serveImage((request, response) => {
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
    await using registry = await serveImage((request, response) => {
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
    await using registry = await serveImage((request, response) => {
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
    await using registry = await serveImage((request, response) => {
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
    await using registry = await serveImage((request, response) => {
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
    await using registry = await serveImage((request, response) => {
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
    await using registry = await serveImage((request, response) => {
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
    await using registry = await serveImage((request, response) => {
      if (!request.url?.includes('/manifests/')) return false;
      response.writeHead(307, { Location: request.url }).end();
      return true;
    });
    await using opened = await openPuller();

    await expect(opened.pull(`${registry.host}/x`)).rejects.toThrow('stopped after 10 redirects');
  });

  test('does not take the password along to another host', async () => {
    const seen: (string | undefined)[] = [];
    await using store = await serveImage((request) => {
      seen.push(request.headers.authorization);
      return false;
    });
    await using registry = await serveImage((request, response) => {
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
    await using registry = await serveImage((request, response) => {
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
    await using registry = await serveImage((request, response) => {
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
    await using mirror = await serveImage((request) => {
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
